"""Addresses of relying parties at the desk."""

from django.urls import path

from yizhengtong.sites.desk.parties import deciding, views

urlpatterns = [
    path("", views.list_parties, name="desk-parties"),
    path("/<str:party_id>", views.show_party, name="desk-party"),
    path("/<str:party_id>/suspend", deciding.shut_out, name="desk-party-suspend"),
    path("/<str:party_id>/resume", deciding.let_in_again, name="desk-party-resume"),
    path("/<str:party_id>/end", deciding.end_for_good, name="desk-party-end"),
    path("/<str:party_id>/quota", deciding.give_quota, name="desk-party-quota"),
    path("/purposes/<str:grant_id>/answer", deciding.answer, name="desk-party-answer"),
    path("/purposes/<str:grant_id>/withdraw", deciding.withdraw, name="desk-party-withdraw"),
]
