"""A county's list as it may come: synthetic people, Chinese headings, one line each."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import openpyxl

from yizhengtong.kernel.dates import add_years
from yizhengtong.kernel.numbers import HmtRegion, hmt_permit_number, synthetic

HEADINGS = (
    "姓名", "性别", "证件种类", "证件号码", "居住证号", "签发日期", "有效期至", "证件状态", "签发机关", "县区代码",
    "住址", "登记日期", "备注",
)  # fmt: skip
_SURNAMES = (
    "陈林黄郑何梁谢罗郭曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛"
    "尹段雷黎史龙陶贺顾毛郝龚邵万钱严覃武莫孔向汤"
)
_GIVEN = "嘉欣家豪咏诗俊杰晓彤志明思颖子轩慧敏浩然伟强芳娜秀英丽军洋艳勇超平刚桂兰建华文博雅琪泽宇梓涵一诺怡雨桐航墨"


def somebody(n: int, **changes: object) -> dict[str, object]:
    """Return line `n` of a list: a resident of Hong Kong, Macao or Taiwan with a permit and a stay, all in order."""
    region: HmtRegion = ("HK", "MO", "TW")[n % 3]
    birth = date(1950, 1, 1) + timedelta(days=n * 7 % 22000)
    issued = date(2022, 1, 5) + timedelta(days=n % 1500)
    sequence = n // 22000 * 2 % 998 + 1 + n % 2
    line: dict[str, object] = {
        "姓名": name_of(n),
        "性别": "男" if sequence % 2 else "女",
        "证件种类": "台胞证" if region == "TW" else "回乡证",
        "证件号码": synthetic.mtp_taiwan(n) if region == "TW" else synthetic.hrp(n, region),
        "居住证号": hmt_permit_number(region, birth, sequence),
        "签发日期": issued.isoformat(),
        "有效期至": add_years(issued, 5).isoformat(),
        "证件状态": "",
        "签发机关": "济南市公安局历下分局",
        "县区代码": "370102",
        "住址": f"演示路{n}号",
        "登记日期": (issued - timedelta(days=200)).isoformat(),
        "备注": "",
    }
    return {**line, **changes}


def name_of(n: int) -> str:
    """Return a name; names of neighbouring lines share no pair of characters."""
    return _SURNAMES[n % len(_SURNAMES)] + _GIVEN[n * 7 % len(_GIVEN)] + _GIVEN[n * 13 // 5 % len(_GIVEN)]


def write_csv(
    path: Path, lines: Sequence[Mapping[str, object]], *, encoding: str = "utf-8-sig", separator: str = ","
) -> Path:
    """Write lines as a CSV with the headings of the first."""
    out = io.StringIO()
    headings = list(lines[0]) if lines else list(HEADINGS)
    writer = csv.DictWriter(out, headings, delimiter=separator)
    writer.writeheader()
    writer.writerows(lines)
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def write_workbook(path: Path, lines: Sequence[Mapping[str, object]]) -> Path:
    """Write lines as a workbook; numbers and days stay what they are."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(lines[0]))
    for line in lines:
        sheet.append(list(line.values()))
    book.save(path)
    return path
