"""Addresses of imports."""

from django.urls import path

from yizhengtong.sites.desk.imports import views

urlpatterns = [
    path("", views.list_imports, name="desk-imports"),
    path("/<str:proposal_id>", views.decide, name="desk-import-proposal"),
]
