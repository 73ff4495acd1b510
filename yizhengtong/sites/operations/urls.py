"""The addresses of this site. None is under /api/."""

from django.urls import path

from yizhengtong.sites.operations.views import health, metrics, operations, ready

urlpatterns = [
    path("health", health, name="health"),
    path("ready", ready, name="ready"),
    path("metrics", metrics, name="metrics"),
    path("operations", operations, name="operations"),
]
