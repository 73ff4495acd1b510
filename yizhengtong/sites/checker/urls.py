"""Addresses for whoever checks a permit, all under /check."""

from django.urls import path

from yizhengtong.sites.checker import codes, offline, online, share

urlpatterns = [
    path("check", codes.home, name="check"),
    path("check/code", codes.read, name="check-code"),
    path("check/code/<str:shown>", codes.land, name="check-code-shown"),
    path("check/share", share.read, name="check-share"),
    path("check/share/result", share.result, name="check-share-result"),
    path("check/paper", offline.paper, name="check-paper-code"),
    path("check/paper/known", offline.known, name="check-paper-known"),
    path("check/paper/online", online.check, name="check-paper-online"),
    path("check/worker.js", offline.worker, name="check-worker"),
]
