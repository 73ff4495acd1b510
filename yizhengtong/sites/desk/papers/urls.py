"""Addresses of papers at the desk."""

from django.urls import path

from yizhengtong.credentials.papers.sheet import PaperFormat
from yizhengtong.sites.desk.papers import views

urlpatterns = [
    path("cases/<str:case_id>/papers", views.list_papers, name="desk-papers"),
    path("cases/<str:case_id>/papers/printed-form", views.printed_form, name="desk-printed-form"),
    path("cases/<str:case_id>/papers/<slug:kind>.pdf", views.paper, name="desk-paper"),
    path("cases/<str:case_id>/papers/<slug:kind>.ofd", views.paper, {"form": PaperFormat.OFD}, name="desk-paper-ofd"),
]
