"""Who must do what in Jinan (济政办字〔2019〕25号 part 四), and what each clause secures."""

import pytest

from yizhengtong.law.law import Law
from yizhengtong.law.reading import Library


@pytest.mark.parametrize(
    ("clause", "agencies", "leads", "duty", "tasks", "serves"),
    [
        pytest.param(
            1,
            ["市委台港澳办"],
            [],
            "申领发放工作相关政策提供与协调衔接，协调解决涉及港澳台居民的困难问题",
            [],
            [],
            marks=pytest.mark.row("S2-25", "D26"),
            id="clause-1",
        ),
        pytest.param(
            2,
            ["市委台港澳办", "市发展改革委"],
            ["市委台港澳办", "市发展改革委"],
            "持有人享有权利和便利的统筹协调和推进",
            [],
            [],
            marks=pytest.mark.row("S2-26", "D26"),
            id="clause-2",
        ),
        pytest.param(
            3,
            ["市公安局"],
            [],
            "居住证受理发放、出入境服务管理",
            [
                "督促指导旅馆业、网吧等归口服务管理单位使用和核验身份登记系统",
                "及时升级前端阅读机具软件",
                "确保享有办理住宿登记、机动车登记和申领机动车驾驶证的便利",
            ],
            ["hotels", "vehicle_registration", "driving_licence"],
            marks=pytest.mark.row("S2-27", "S2-28", "S2-29", "S2-30", "D26"),
            id="clause-3",
        ),
        pytest.param(
            4,
            ["市住房城乡建设局", "济南住房公积金中心", "市自然资源和规划局"],
            ["市住房城乡建设局"],
            "缴存、提取和使用住房公积金权利具体政策的制定和落实",
            [],
            ["housing_fund"],
            marks=pytest.mark.row("S2-31", "D26"),
            id="clause-4",
        ),
        pytest.param(
            5,
            ["市人力资源社会保障局"],
            [],
            "基本公共就业服务，报名参加职业资格考试、申请授予职业资格政策的制定和实施",
            [],
            ["employment_service", "professional_exams"],
            marks=pytest.mark.row("S2-32", "D26"),
            id="clause-5",
        ),
        pytest.param(
            6,
            ["市教育局"],
            [],
            "协调和落实学龄儿童和少年享有义务教育",
            [],
            ["compulsory_education"],
            marks=pytest.mark.row("S2-33", "D26"),
            id="clause-6",
        ),
        pytest.param(
            7,
            ["市地方金融监管局"],
            [],
            "协调和配合金融机构落实银行、保险、证券和期货等金融业务的便利",
            [],
            ["finance"],
            marks=pytest.mark.row("S2-34", "D26"),
            id="clause-7",
        ),
        pytest.param(
            8,
            ["市交通运输局"],
            [],
            "乘坐交通运输工具便利政策的制定和实施",
            [],
            ["transport"],
            marks=pytest.mark.row("S2-35", "D26"),
            id="clause-8",
        ),
        pytest.param(
            9,
            ["市卫生健康委"],
            [],
            "基本公共卫生服务、办理生育登记便利政策的制定和实施",
            [],
            ["public_health", "birth_registration"],
            marks=pytest.mark.row("S2-36", "D26"),
            id="clause-9",
        ),
        pytest.param(
            10,
            ["市市场监管局", "市体育局", "市文化和旅游局", "市园林和林业绿化局"],
            [],
            "公共文化体育服务，同等待遇购物、购买门票、文化娱乐商旅等消费便利政策的制定和实施",
            [],
            ["culture_and_sports", "consumption"],
            marks=pytest.mark.row("S2-37", "D26"),
            id="clause-10",
        ),
        pytest.param(
            11,
            ["市司法局"],
            [],
            "法律援助和其他法律服务政策的制定和实施",
            [],
            ["legal_aid"],
            marks=pytest.mark.row("S2-38", "D26"),
            id="clause-11",
        ),
        pytest.param(
            12,
            ["市民政局"],
            [],
            "涉及民政部门相关基本公共服务和便利政策的制定和实施",
            [],
            ["other_services", "other_conveniences"],
            marks=pytest.mark.row("S2-39", "D26"),
            id="clause-12",
        ),
    ],
)
def test_the_clause_is_as_written(
    jinan: Law,
    clause: int,
    agencies: list[str],
    leads: list[str],
    duty: str,
    tasks: list[str],
    serves: list[str],
) -> None:
    found = jinan.duties[clause - 1]
    assert (found.clause, found.duty, list(found.tasks)) == (clause, duty, tasks)
    assert [agency.name for agency in found.agencies] == agencies
    assert [agency.name for agency in found.agencies if agency.lead] == leads
    assert list(found.serves) == serves


@pytest.mark.row("D26")
def test_twelve_clauses_name_seventeen_agencies_and_the_district_governments(jinan: Law) -> None:
    assert [duty.clause for duty in jinan.duties] == list(range(1, 13))
    assert len({agency.name for duty in jinan.duties for agency in duty.agencies}) == 17
    assert [duty.clause for duty in jinan.duties if duty.with_district_governments] == [2]
    assert [duty.clause for duty in jinan.duties if duty.open_ended] == [10]


@pytest.mark.row("D26", "S2-25", "S2-26")
def test_work_and_social_insurance_are_assigned_to_no_clause_and_fall_to_the_coordinators(jinan: Law) -> None:
    assert [duty.clause for duty in jinan.duties if duty.coordinates] == [1, 2]
    unassigned = [each for each in jinan.entitlements if not each.assigned]
    assert [(each.code, each.served_by) for each in unassigned] == [
        ("employment", (1, 2)),
        ("social_insurance", (1, 2)),
    ]


@pytest.mark.row("S2-26", "S2-31")
def test_only_two_clauses_name_a_leading_agency(jinan: Law) -> None:
    leads = {duty.clause: [agency.name for agency in duty.agencies if agency.lead] for duty in jinan.duties}
    assert {clause: names for clause, names in leads.items() if names} == {
        2: ["市委台港澳办", "市发展改革委"],
        4: ["市住房城乡建设局"],
    }


@pytest.mark.parametrize(
    ("code", "duty"),
    [
        pytest.param(
            "equal_services",
            "保证在居住地享受与内地(大陆)居民基本相同的公共服务和便利",
            marks=pytest.mark.row("S2-04", "S2-05", "S2-07"),
        ),
        pytest.param(
            "active_services", "各级政府及有关部门积极为持有人提供公共服务和便利", marks=pytest.mark.row("S2-20")
        ),
        pytest.param("leading_group", "成立由分管副市长任组长的申领发放工作领导小组", marks=pytest.mark.row("S2-40")),
        pytest.param(
            "detailed_rules", "准确解读，按照职责分工尽快制定具体配套措施和实施细则", marks=pytest.mark.row("S2-41")
        ),
        pytest.param(
            "not_below_the_nation",
            "申领条件不高于国家标准，权利、基本公共服务和便利不低于国家标准",
            marks=pytest.mark.row("S2-42"),
        ),
        pytest.param(
            "publicity", "深入宣传受理条件、受理程序、权利便利，主动提供便捷高效服务", marks=pytest.mark.row("S2-43")
        ),
    ],
)
def test_duties_on_all_are_kept_too(library: Library, code: str, duty: str) -> None:
    general = library.files["cn/370000/370100/duties.yaml"]["general"]
    assert {each.entry.code: each.entry.duty for each in general}[code] == duty
