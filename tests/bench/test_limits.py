"""What is measured beside: the writes of a case anew, an empty view, findings constructed; and which point counts."""

import os
import time
from datetime import date

from benchmarks.cases import Point, best_concurrency
from benchmarks.decide import ON, applicants, rate
from benchmarks.ground import cpu_seconds, machine_seconds
from benchmarks.limits.findings import build_findings
from benchmarks.limits.writes import pgbench_script
from benchmarks.queue import figures
from yizhengtong.kernel.findings import Finding, Source
from yizhengtong.permitting.applications.facts import Facts

PERSON, ACCOUNT = "01900000-0000-7000-8000-00000000000a", "01900000-0000-7000-8000-00000000000b"
CASE = "0190000000007000800000000000000c"
INDEX = "00112233445566778899aabbccddeeff"
RECORDED = """INSERT INTO "casework_case" ("id", "person_id") VALUES ('CASE'::uuid, 'PERSON'::uuid)
INSERT INTO "audit_entry" ("actor_id") VALUES ('ACCOUNT'::uuid)

UPDATE "casework_case" SET "receipt_number" = '370102-20261121-0000003' WHERE "casework_case"."id" = 'CASE'::uuid
INSERT INTO "people_personnumber" ("number_index") VALUES ('\\xINDEX'::bytea)
INSERT INTO "documents_document" ("stored_name", "sha256") VALUES ('ab/CONTENT', 'HASH')
INSERT INTO "casework_appointment" ("starts_at") VALUES ('2026-11-23 01:00:00+00:00'::timestamptz)
"""
SAID = {"CASE": CASE, "INDEX": INDEX, "CONTENT": "c" * 48, "HASH": "d" * 64,
        "PERSON": PERSON.replace("-", ""), "ACCOUNT": ACCOUNT.replace("-", "")}  # fmt: skip


def recorded() -> str:
    text = RECORDED
    for word, value in SAID.items():
        text = text.replace(word, value)
    return text


def script() -> str:
    return pgbench_script(recorded(), person=PERSON, fixed=[ACCOUNT])


def test_each_request_is_a_transaction_of_its_own() -> None:
    assert script().count("BEGIN;") == script().count("COMMIT;") == 2


def test_an_id_made_in_the_case_is_one_variable_wherever_it_stands() -> None:
    assert CASE not in script()
    assert script().count(":bench_u1'::uuid") == 2
    assert "bench_id() AS bench_u1" in script()


def test_the_person_is_another_each_time_and_accounts_stay() -> None:
    assert "':bench_person'::uuid" in script()
    assert ACCOUNT.replace("-", "") in script()


def test_what_must_be_unique_is_new_each_time() -> None:
    assert "'bench-:bench_n'" in script()
    assert INDEX not in script()
    assert "c" * 48 not in script()
    assert (
        "'2026-11-23 01:00:00+00:00'::timestamptz + interval '1000 days' + :bench_n * interval '1 minute'" in script()
    )


def test_a_hash_of_content_stays_as_it_was() -> None:
    assert "d" * 64 in script()


def test_the_limit_of_a_decision_holds_the_same_findings_newly_made() -> None:
    findings = (Finding("rule", True, Source("law"), {"n": 1}, date(2026, 1, 1)),)
    built = build_findings(findings)
    assert built == findings
    assert built[0] is not findings[0]


def test_the_applicants_differ_and_survive_being_frozen() -> None:
    varied = applicants(64)
    assert len({str(facts.to_json()) for facts in varied}) == 64
    assert all(Facts.from_json(facts.to_json()) == facts for facts in varied)
    assert {len(facts.stays) for facts in varied} == {1, 2, 3, 4}
    assert all(stay.start < ON for facts in varied for stay in facts.stays)


def test_a_rate_counts_work_done_in_a_second_of_this_thread() -> None:
    calls: list[int] = []
    assert rate(calls.append, seconds=0.01) > 0
    assert set(calls) <= set(range(64))


def test_the_most_cases_a_second_count_only_where_every_request_is_quick_enough() -> None:
    quick = Point(cases_per_second=[4.0], milliseconds={"submit": [20.0], "judge": [99.0]})
    busy = Point(cases_per_second=[6.0], milliseconds={"submit": [20.0], "judge": [101.0]})
    assert best_concurrency({2: quick, 4: busy}) == 2


def test_where_no_point_is_quick_enough_the_quickest_is_told() -> None:
    slow = Point(cases_per_second=[4.0], milliseconds={"judge": [150.0]})
    slower = Point(cases_per_second=[9.0], milliseconds={"judge": [300.0]})
    assert best_concurrency({2: slow, 4: slower}) == 2


def test_the_worst_kind_of_reading_is_the_ratio_of_the_queue() -> None:
    small = {"http.first_page": [[10.0], [12.0], [11.0]], "query.search_number": [[1.0]]}
    large = {"http.first_page": [[11.0], [12.0], [99.0]], "query.search_number": [[1.5]]}
    ratio, first, second = figures(small, large)
    assert (ratio.name, ratio.value, ratio.is_on_target) == ("p95_ratio", 1.5, True)
    assert (first.value, first.limit) == (12.0, 11.0)
    assert second.ratio == 1.5


def test_cpu_time_is_that_of_a_process_and_what_it_started() -> None:
    before = cpu_seconds(os.getpid())
    until = time.process_time() + 0.1
    while time.process_time() < until:
        sum(range(1000))
    assert cpu_seconds(os.getpid()) - before >= 0.05


def test_the_machine_has_had_at_least_the_cpu_time_that_was_used() -> None:
    used, had = machine_seconds()
    assert 0 < used <= had
    assert used >= cpu_seconds(os.getpid())
