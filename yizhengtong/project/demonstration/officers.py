"""Offices and officers of the demonstration, all synthetic, besides the offices that Jinan's pack lists."""

from dataclasses import dataclass

from yizhengtong.foundation.accounts.models import OfficeKind
from yizhengtong.foundation.accounts.roles import Role

CITY = "370100"
CITY_NAME = "济南市公安局"
LIXIA, SHIZHONG = "370102", "370103"
EXIT_ENTRY = "370102-ee"
ZHEJIANG, RUIAN, QINGYUAN = "330000", "330381", "331126"
POINTS = {LIXIA: "370100-01", SHIZHONG: "370100-02", RUIAN: "330381-01", QINGYUAN: "331126-01"}
"""Where one applies: the service point or police station of each county."""


@dataclass(frozen=True, slots=True)
class Place:
    """An office that no pack lists. `above`: code of the office it is part of, empty at the top."""

    code: str
    name: str
    region: str
    above: str
    kind: OfficeKind = OfficeKind.POLICE


PLACES = (
    Place(EXIT_ENTRY, "济南市公安局历下分局出入境管理大队", LIXIA, LIXIA, OfficeKind.EXIT_ENTRY),
    Place(ZHEJIANG, "浙江省公安厅", ZHEJIANG, ""),
    Place(RUIAN, "瑞安市公安局", RUIAN, ZHEJIANG),
    Place(POINTS[RUIAN], "瑞安市公安局仙降派出所", RUIAN, RUIAN),
    Place(QINGYUAN, "庆元县公安局", QINGYUAN, ZHEJIANG),
    Place(POINTS[QINGYUAN], "庆元县公安局松源派出所", QINGYUAN, QINGYUAN),
)
"""Those above stand first."""


@dataclass(frozen=True, slots=True)
class Officer:
    """A synthetic officer of the demonstration."""

    username: str
    name: str
    office: str
    roles: tuple[Role, ...]


OFFICERS = (
    Officer("demo-clerk", "李受理", POINTS[LIXIA], (Role.CLERK,)),
    Officer("demo-reviewer", "王审核", LIXIA, (Role.REVIEWER,)),
    Officer("demo-approver", "张审批", LIXIA, (Role.APPROVER,)),
    Officer("demo-shizhong", "赵受理", POINTS[SHIZHONG], (Role.CLERK, Role.REVIEWER)),
    Officer("demo-city-reviewer", "孙审核", CITY, (Role.REVIEWER,)),
    Officer("demo-city-approver", "吴审批", CITY, (Role.APPROVER,)),
    Officer("demo-supervisor", "陈主管", CITY, (Role.SUPERVISOR,)),
    Officer("demo-administrator", "许管理", CITY, (Role.ADMINISTRATOR,)),
    Officer("demo-administrator-2", "何管理", CITY, (Role.ADMINISTRATOR,)),
    Officer("demo-auditor", "周审计", CITY, (Role.AUDITOR,)),
    Officer("demo-registrar", "钱登记", LIXIA, (Role.REGISTRAR,)),
    Officer("demo-ee-clerk", "郑受理", EXIT_ENTRY, (Role.CLERK,)),
    Officer("demo-ee-reviewer", "冯审核", EXIT_ENTRY, (Role.REVIEWER,)),
    Officer("demo-ee-approver", "褚审批", EXIT_ENTRY, (Role.APPROVER,)),
    Officer("demo-zhejiang-supervisor", "尤主管", ZHEJIANG, (Role.SUPERVISOR,)),
    Officer("demo-ruian-clerk", "卫受理", POINTS[RUIAN], (Role.CLERK,)),
    Officer("demo-ruian-reviewer", "蒋审核", RUIAN, (Role.REVIEWER,)),
    Officer("demo-ruian-approver", "沈审批", RUIAN, (Role.APPROVER,)),
    Officer("demo-ruian-registrar", "韩登记", RUIAN, (Role.REGISTRAR,)),
    Officer("demo-qingyuan-clerk", "杨受理", POINTS[QINGYUAN], (Role.CLERK,)),
    Officer("demo-qingyuan-reviewer", "朱审核", QINGYUAN, (Role.REVIEWER,)),
    Officer("demo-qingyuan-approver", "秦审批", QINGYUAN, (Role.APPROVER,)),
)

ANSWERING = {
    "form_is_complete_and_declared": "demo-qingyuan-clerk",
    "every_fact_is_confirmed": "demo-qingyuan-reviewer",
    "every_condition_is_met": "demo-qingyuan-approver",
}
"""Who answers for each rule of the system in Qingyuan (D24)."""
