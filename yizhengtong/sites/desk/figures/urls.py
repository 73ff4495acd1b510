"""Addresses of the figures."""

from django.urls import path

from yizhengtong.sites.desk.figures import views

urlpatterns = [
    path("", views.show, name="desk-figures"),
    path("/export.csv", views.export, name="desk-figures-file"),
]
