"""Addresses of real-name sign-in."""

from django.urls import path

from yizhengtong.sites.resident.entering import views

urlpatterns = [
    path("sign-in/real-name/<slug:service>", views.begin, name="resident-real-name"),
    path("sign-in/real-name/<slug:service>/back", views.back, name="resident-real-name-back"),
]
