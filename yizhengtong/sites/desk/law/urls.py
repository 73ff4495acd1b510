"""Addresses of the packs, drafts and simulations."""

from django.urls import path

from yizhengtong.sites.desk.law import comparing, drafts, packs

urlpatterns = [
    path("", packs.contents, name="desk-law"),
    path("/packs/<path:path>", packs.show, name="desk-law-pack"),
    path("/differences", comparing.show, name="desk-law-differences"),
    path("/drafts/new", drafts.write, name="desk-law-draft"),
    path("/editions/<str:edition_id>", drafts.show, name="desk-law-edition"),
    path("/editions/<str:edition_id>/simulation", drafts.have_simulated, name="desk-law-simulation"),
    path("/editions/<str:edition_id>/proposal", drafts.propose, name="desk-law-proposal"),
    path("/editions/<str:edition_id>/confirmation", drafts.confirm, name="desk-law-confirmation"),
    path("/editions/<str:edition_id>/withdrawal", drafts.withdraw, name="desk-law-withdrawal"),
]
