"""Addresses of the officers' desk, all under /desk/."""

from django.urls import include, path

from yizhengtong.foundation.pages.entering.addresses import addresses_of
from yizhengtong.foundation.pages.entering.doors import OFFICERS

urlpatterns = [
    path("", include("yizhengtong.sites.desk.papers.urls")),
    path("", include("yizhengtong.sites.desk.cases.urls")),
    path("", include("yizhengtong.sites.desk.ratings.urls")),
    path("", include("yizhengtong.sites.desk.links.urls")),
    path("parties", include("yizhengtong.sites.desk.parties.urls")),
    path("check-tickets", include("yizhengtong.sites.desk.checks.urls")),
    path("window/", include("yizhengtong.sites.desk.window.urls")),
    path("household", include("yizhengtong.sites.desk.household.urls")),
    *addresses_of(OFFICERS),
    path("accounts/", include("yizhengtong.sites.desk.accounts.urls")),
    path("approvals", include("yizhengtong.sites.desk.approvals.urls")),
    path("imports", include("yizhengtong.sites.desk.imports.urls")),
    path("permits", include("yizhengtong.sites.desk.permits.urls")),
    path("figures", include("yizhengtong.sites.desk.figures.urls")),
    path("law", include("yizhengtong.sites.desk.law.urls")),
    path("administration", include("yizhengtong.sites.desk.administration.urls")),
]
