"""Addresses of share codes."""

from django.urls import path

from yizhengtong.sites.resident.sharing import views

urlpatterns = [
    path("permits/<str:permit_id>/share", views.list_codes, name="permit-share"),
    path("permits/<str:permit_id>/share/new", views.choose, name="permit-share-new"),
    path("permits/<str:permit_id>/share/new/<slug:purpose>", views.make, name="permit-share-make"),
    path("permits/<str:permit_id>/share/<str:share_code_id>/end", views.end, name="permit-share-end"),
]
