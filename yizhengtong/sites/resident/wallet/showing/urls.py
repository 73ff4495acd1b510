"""Addresses of showing a permit."""

from django.urls import path

from yizhengtong.sites.resident.wallet.showing import views

urlpatterns = [
    path("permits/<str:permit_id>/show", views.choose, name="permit-show"),
    path("permits/<str:permit_id>/show/<slug:purpose>", views.preview, name="permit-show-what"),
    path("permits/<str:permit_id>/show/<slug:purpose>/print", views.print_code, name="permit-show-print"),
    path("permits/<str:permit_id>/code", views.hold_out, name="permit-code"),
    path("permits/<str:permit_id>/code/now", views.code_now, name="permit-code-now"),
    path("permits/<str:permit_id>/code/stop", views.take_back, name="permit-code-stop"),
]
