"""Addresses of the checks of one's permit: below “Who used my data”."""

from django.urls import path

from yizhengtong.sites.resident.checks import sign_ins, views

urlpatterns = [
    path("data-use/checks", views.list_checks, name="resident-checks"),
    path("data-use/checks/alerts", views.choose, name="resident-check-alerts"),
    path("data-use/checks/<str:check_id>", views.show_check, name="resident-check"),
    path("data-use/checks/<str:check_id>/doubt", views.doubt, name="resident-check-doubt"),
    path("data-use/checks/<str:check_id>/block", views.shut_out, name="resident-check-block"),
    path("data-use/blocks/<str:party_id>/end", views.let_in, name="resident-block-end"),
    path("data-use/sign-ins/<str:consent_id>", sign_ins.show, name="resident-sign-in-consent"),
]
