"""Addresses of the pages of two numbers."""

from django.urls import path

from yizhengtong.sites.resident.links import views

urlpatterns = [
    path("numbers", views.show, name="resident-numbers"),
    path("numbers/link", views.link, name="resident-numbers-link"),
    path("numbers/unlink", views.end, name="resident-numbers-unlink"),
    path("numbers/doubt", views.doubt, name="resident-numbers-doubt"),
]
