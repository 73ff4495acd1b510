"""The kinds of documents whose numbers are read here, and what a number tells."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

HmtRegion = Literal["HK", "MO", "TW"]
Sex = Literal["M", "F"]


class DocumentKind(StrEnum):
    """What a number is the number of. The values are stored and sent: they never change."""

    RESIDENT_ID = "resident_id"
    """居民身份证: 18 characters, GB 11643-1999."""
    HMT_PERMIT = "hmt_permit"
    """港澳台居民居住证: the same 18 characters, beginning 810000, 820000 or 830000 (国办发〔2018〕81号 art. 3)."""
    HRP = "hrp"
    """港澳居民来往内地通行证 (回乡证): H or M, 8 digits for life, with or without 2 digits of 换证次数."""
    HRP_NON_CHINESE = "hrp_non_chinese"
    """港澳居民来往内地通行证(非中国籍), since 2024-07-10: HA or MA and 7 digits."""
    MTP_TAIWAN_FIVE_YEAR = "mtp_taiwan_five_year"
    """台湾居民来往大陆通行证, five years: 8 digits for life, with or without 2 of issue count; older forms."""
    MTP_TAIWAN_ONE_TIME = "mtp_taiwan_one_time"
    """台湾居民来往大陆通行证, one journey. No published format is certain: only a declaration tells it apart."""
    FOREIGN_PR_2023 = "foreign_pr_2023"
    """外国人永久居留身份证 since 2023-12: 18 characters beginning with 9."""
    FOREIGN_PR_OLD = "foreign_pr_old"
    """外国人永久居留(身份)证 before: 3 letters and 12 digits."""
    ZHEJIANG_PERMIT = "zhejiang_permit"
    """浙江省居住证: it carries its holder's 公民身份号码 (国令663 art. 4)."""


@dataclass(frozen=True, slots=True)
class DocumentNumber:
    """A number that can be right.

    `text`: upper case, without spaces and hyphens. `core`: the part that stays the same for life (H12345678 of
    H1234567801), else the whole text; numbers of one person and kind are compared by it. `issue_count`: how often the
    document was issued or replaced, where the number says so. `region`: HK, MO or TW where the number says so.
    `warnings`: codes of texts.yaml that an officer or the person should see; they never refuse anything.
    The number and the birth date stay out of repr(), since that is what ends up in logs.
    """

    kind: DocumentKind
    text: str = field(repr=False)
    core: str = field(repr=False)
    issue_count: int | None = None
    region: HmtRegion | None = None
    birth_date: date | None = field(default=None, repr=False)
    sex: Sex | None = None
    warnings: tuple[str, ...] = ()
