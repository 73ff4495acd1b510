"""Addresses of the household register."""

from django.urls import path

from yizhengtong.sites.desk.household import views

urlpatterns = [
    path("", views.papers, name="desk-household"),
    path("/registration", views.register, name="desk-household-register"),
]
