"""Addresses of the residents' site."""

from django.urls import include, path

from yizhengtong.foundation.pages.entering.addresses import addresses_of
from yizhengtong.foundation.pages.entering.doors import RESIDENTS
from yizhengtong.sites.resident.guide import front

urlpatterns = [
    path("", front.front_page, name="front-page"),
    path("", include("yizhengtong.sites.resident.guide.urls")),
    *addresses_of(RESIDENTS),
    path("", include("yizhengtong.sites.resident.entering.urls")),
    path("", include("yizhengtong.sites.resident.myself.urls")),
    path("", include("yizhengtong.sites.resident.papers.urls")),
    path("", include("yizhengtong.sites.resident.wallet.adding.urls")),
    path("", include("yizhengtong.sites.resident.wallet.showing.urls")),
    path("", include("yizhengtong.sites.resident.sharing.urls")),
    path("", include("yizhengtong.sites.resident.checks.urls")),
    path("", include("yizhengtong.sites.resident.links.urls")),
    path("", include("yizhengtong.sites.resident.mine.urls")),
    path("", include("yizhengtong.sites.resident.apply.urls")),
    path("", include("yizhengtong.sites.resident.cases.urls")),
]
