"""Addresses of adding a permit to a wallet."""

from django.urls import path

from yizhengtong.sites.resident.wallet.adding import views

urlpatterns = [
    path("permits/<str:permit_id>/wallet", views.add, name="permit-wallet"),
    path("permits/<str:permit_id>/wallet/<str:wallet_id>/end", views.end, name="permit-wallet-end"),
]
