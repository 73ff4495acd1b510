"""Addresses of approvals."""

from django.urls import path

from yizhengtong.sites.desk.approvals import views

urlpatterns = [
    path("", views.list_waiting, name="desk-approvals"),
    path("/<str:approval_id>", views.decide, name="desk-approval"),
]
