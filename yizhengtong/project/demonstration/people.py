"""Synthetic people and papers: names that nobody bears together with numbers that are well-formed and not issued."""

import io
import time
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from PIL import Image, ImageDraw

from yizhengtong.kernel.dates import add_months
from yizhengtong.kernel.numbers import DocumentKind, HmtRegion, synthetic
from yizhengtong.kernel.numbers.kinds import Sex

NANCHONG = "511302"
"""The county in which newcomers to Zhejiang are registered at home."""

_SURNAMES = "陈林黄郑何梁谢罗郭曾"
_GIVEN = ("嘉欣", "家豪", "咏诗", "俊杰", "晓彤", "志明", "思颖", "子轩", "慧敏", "浩然")


@dataclass(frozen=True, slots=True)
class Somebody:
    """A synthetic person as a resident types it in."""

    name: str
    latin_name: str
    birth_date: date
    sex: str
    region: str
    kind: str
    number: str
    valid_until: date

    @property
    def form(self) -> dict[str, object]:
        """The fields of /api/resident/person."""
        return {
            "name": self.name,
            "latin_name": self.latin_name,
            "birth_date": self.birth_date.isoformat(),
            "sex": self.sex,
            "region": self.region,
            "travel_document": {
                "kind": self.kind,
                "number": self.number,
                "valid_until": self.valid_until.isoformat(),
            },
        }


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A synthetic mainland person of another county, as they type themselves in."""

    name: str
    birth_date: date
    sex: Sex
    number: str

    @property
    def form(self) -> dict[str, object]:
        """The fields of /api/resident/person."""
        return {
            "name": self.name,
            "birth_date": self.birth_date.isoformat(),
            "sex": self.sex,
            "region": "CN",
            "identity_card": {"number": self.number},
            "household": {"region": NANCHONG, "address": "四川省南充市顺庆区演示街9号", "nation": "汉"},
        }


_next_seed = time.time_ns() // 1_000_000


def next_seed() -> int:
    """Return a number that no earlier run used, so that every run meets new people."""
    global _next_seed  # noqa: PLW0603 one counter a process
    _next_seed += 1
    return _next_seed


def somebody(today: date, *, region: HmtRegion = "HK", age: int = 34, seed: int | None = None) -> Somebody:
    """Return a resident of Hong Kong or Macao with a valid 回乡证, or of Taiwan with a five-year 台胞证."""
    seed = next_seed() if seed is None else seed
    is_taiwan = region == "TW"
    kind = DocumentKind.MTP_TAIWAN_FIVE_YEAR if is_taiwan else DocumentKind.HRP
    number = synthetic.mtp_taiwan(seed) if is_taiwan else synthetic.hrp(seed, region)
    return Somebody(
        name=_name(seed),
        latin_name="DEMO, PERSON",
        birth_date=add_months(today, -12 * age) - timedelta(days=1 + seed % 300),
        sex="M" if seed % 2 else "F",
        region=region,
        kind=kind,
        number=number,
        valid_until=add_months(today, 60),
    )


def newcomer(today: date, *, age: int = 40) -> Newcomer:
    """Return somebody whose household is registered in Nanchong."""
    seed = next_seed()
    sex: Sex = "M" if seed % 2 else "F"
    birth_date = add_months(today, -12 * age) - timedelta(days=1 + seed % 3000)  # a day has 500 numbers of each sex
    return Newcomer(_name(seed), birth_date, sex, synthetic.resident_id(seed // 3000, NANCHONG, birth_date, sex))


def _name(seed: int) -> str:
    return _SURNAMES[seed % len(_SURNAMES)] + _GIVEN[seed // len(_SURNAMES) % len(_GIVEN)]


@cache
def photo_jpeg() -> bytes:
    """Return a drawn face in the format of an identity photograph."""
    image = Image.new("RGB", (358, 441), "#dfe8f2")
    draw = ImageDraw.Draw(image)
    draw.ellipse((99, 70, 259, 280), fill="#e8c4a2")
    draw.pieslice((89, 50, 269, 260), 180, 360, fill="#1f1f24")
    draw.rectangle((60, 300, 298, 441), fill="#33475b")
    for x in (150, 205):
        draw.ellipse((x, 165, x + 14, 176), fill="#1f1f24")
    draw.arc((150, 195, 208, 235), 20, 160, fill="#7a3b2e", width=4)
    return _jpeg(image)


@cache
def paper_jpeg(title: str) -> bytes:
    """Return a drawn sheet of paper; the title only makes it different from others."""
    image = Image.new("RGB", (620, 877), "white")
    draw = ImageDraw.Draw(image)
    for line in range(20):
        draw.line(
            (60, 90 + line * 36, 200 + (sum(title.encode()) * (line + 7)) % 340, 90 + line * 36),
            fill="#404040",
            width=6,
        )
    return _jpeg(image)


def _jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()
