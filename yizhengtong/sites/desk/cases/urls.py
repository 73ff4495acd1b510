"""Addresses of cases at the desk."""

from django.urls import path

from yizhengtong.sites.desk.cases import bulk, case, evidence, minors, permits, queue, steps, twins

urlpatterns = [
    path("", queue.home, name="desk-home"),
    path("search", queue.search, name="desk-search"),
    path("bulk", bulk.several, name="desk-bulk"),
    path("cases/<str:case_id>", case.read, name="desk-case"),
    path("cases/<str:case_id>/judgement", case.judge_lines, name="desk-case-judgement"),
    path("cases/<str:case_id>/step/<str:action>", steps.step, name="desk-case-step"),
    path("cases/<str:case_id>/permit/<str:action>", permits.end, name="desk-case-permit"),
    path("cases/<str:case_id>/look/<str:key>", evidence.content, name="desk-case-paper"),
    path("cases/<str:case_id>/alike/<str:person_id>", twins.compare, name="desk-case-twin"),
    path("cases/<str:case_id>/minor", minors.ask, name="desk-case-minor"),
]
