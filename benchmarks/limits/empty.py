"""The limit of every request: an empty answer by the same server behind the same middleware. Frozen."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from yizhengtong.project.settings import *  # noqa: F403 the platform's settings, with one address

ROOT_URLCONF = "benchmarks.limits.empty"


def empty(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"{}", content_type="application/json")


urlpatterns = [path("empty", empty)]
