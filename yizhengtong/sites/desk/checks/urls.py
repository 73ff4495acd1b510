"""Addresses of doubts about checks at the desk."""

from django.urls import path

from yizhengtong.sites.desk.checks import views

urlpatterns = [
    path("", views.list_tickets, name="desk-check-tickets"),
    path("/<str:ticket_id>", views.show_ticket, name="desk-check-ticket"),
    path("/<str:ticket_id>/hand-up", views.pass_on, name="desk-check-ticket-up"),
]
