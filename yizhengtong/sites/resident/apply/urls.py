"""Addresses of applying."""

from django.urls import path

from yizhengtong.sites.resident.apply import checking, choosing, endorsing, filling, papers, telling, uploads

_ONE = "applications/<str:application_id>"

urlpatterns = [
    path("apply", choosing.where, name="apply"),
    path("apply/items", choosing.items, name="apply-items"),
    path("apply/begin", choosing.begin, name="apply-begin"),
    path("apply/endorsement", endorsing.endorse, name="apply-endorsement"),
    path(_ONE, filling.task_list, name="application"),
    path(f"{_ONE}/ahead", telling.ahead, name="application-ahead"),
    path(f"{_ONE}/promise", telling.promise, name="application-promise"),
    path(f"{_ONE}/notice", telling.settlement_notice, name="application-notice"),
    path(f"{_ONE}/loss", telling.loss, name="application-loss"),
    path(f"{_ONE}/check", checking.check, name="application-check"),
    path(f"{_ONE}/confirm", checking.confirm, name="application-confirm"),
    path(f"{_ONE}/discard", filling.discard, name="application-discard"),
    path(f"{_ONE}/papers/<str:code>", papers.paper, name="application-paper"),
    path(f"{_ONE}/papers/<str:code>/registers", papers.ask_registers, name="application-registers"),
    path(f"{_ONE}/papers/<str:code>/<str:evidence_id>/file", uploads.open_paper, name="application-paper-file"),
    path(f"{_ONE}/papers/<str:code>/<str:evidence_id>/back", papers.take_back, name="application-paper-back"),
    path(f"{_ONE}/<str:name>", filling.fill_in, name="application-step"),
]
