"""Addresses of permits at the desk."""

from django.urls import path

from yizhengtong.sites.desk.permits import views

urlpatterns = [path("/<str:permit_id>", views.forms, name="desk-permit")]
