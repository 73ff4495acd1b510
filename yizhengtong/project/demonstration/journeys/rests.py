"""What each step of a case rests on, by the subject of its item: articles, and rows of the law's register."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rests:
    """The article of each step, as it is printed beside it."""

    register: str
    stay: str
    fill_in: str
    submit: str
    visit: str
    photo: str
    form: str
    accept: str
    judge: str
    review: str
    approve: str
    hand_over: str


_M81, _ZJ, _Q43 = "国办发〔2018〕81号", "浙江省流动人口居住登记条例", "庆政办发〔2023〕43号"

RESTS = {
    "hmt": Rests(
        register=f"{_M81} art. 8; S2-16",
        stay=f"{_M81} art. 2; S2-08",
        fill_in=f"{_M81} art. 8; S2-17",
        submit="S2-14; S1-036",
        visit="S1-035",
        photo="S2-18",
        form="S2-15; S1-041; S1-042",
        accept=f"S2-13; {_M81} art. 10",
        judge="S4-17",
        review="S4-26",
        approve="S2-11; S2-12; S4-26",
        hand_over="S1-045; S2-19",
    ),
    "floating": Rests(
        register=f"{_ZJ} arts. 2, 29; S3-11",
        stay=f"{_ZJ} art. 7; S3-11",
        fill_in=f"{_ZJ} art. 17; S3-46",
        submit="S3-30; S4-10",
        visit="S3-29; S3-30",
        photo=f"{_ZJ} art. 17; S3-13",
        form="S3-46",
        accept=f"{_ZJ} art. 18; S3-31; S3-32",
        judge="S3-34; S3-36…45",
        review="S4-26",
        approve=f"{_ZJ} art. 19; S4-26",
        hand_over=f"{_ZJ} arts. 18, 23; S3-32",
    ),
    "conversion": Rests(
        register=f"{_ZJ} arts. 2, 29; S3-11",
        stay=f"{_ZJ} art. 7; S3-11",
        fill_in=f"{_Q43} 附件1; S4-19…23",
        submit=f"{_Q43} 二.2; S4-11",
        visit="S4-10",
        photo="",
        form="S4-18",
        accept=f"{_Q43} 二.2; S4-13",
        judge=f"{_Q43} 附件1; S4-21…23",
        review=f"{_Q43} 附件1; S4-26",
        approve=f"{_Q43} 二.2; S4-14; S4-26",
        hand_over="",
    ),
    "settlement": Rests(
        register="S0-T21; S0-T22",
        stay="",
        fill_in="S0-T19…23",
        submit="S0-T18",
        visit="S0-T18",
        photo="S0-T20",
        form="S0-T19",
        accept="S0-T18; S0-T37",
        judge="S0-T17; S0-T23",
        review="S0-T37",
        approve="中国公民往来台湾地区管理办法 art. 17; S0-T24",
        hand_over="S0-T35",
    ),
}


def rests_of(item: str) -> Rests:
    """Return what the steps of a service item rest on: its subject is the first word of its code."""
    subject, _, step = item.partition(".")
    return RESTS["conversion" if step.startswith("conversion") else subject]
