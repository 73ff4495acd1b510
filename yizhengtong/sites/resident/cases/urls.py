"""Addresses of one's cases."""

from django.urls import path

from yizhengtong.sites.resident.cases import listing, views, visits

_ONE = "cases/<str:case_id>"

urlpatterns = [
    path("cases", listing.list_cases, name="cases"),
    path(_ONE, views.case, name="case"),
    path(f"{_ONE}/done", views.done, name="case-done"),
    path(f"{_ONE}/supplement", views.supplement, name="case-supplement"),
    path(f"{_ONE}/withdraw", views.withdraw, name="case-withdraw"),
    path(f"{_ONE}/officer", views.officer, name="case-officer"),
    path(f"{_ONE}/appointment", visits.appointment, name="case-appointment"),
    path(f"{_ONE}/appointment/cancel", visits.cancel, name="case-appointment-cancel"),
]
