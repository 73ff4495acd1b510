"""Addresses of linked numbers at the desk."""

from django.urls import path

from yizhengtong.sites.desk.links import views

urlpatterns = [
    path("permits/<str:permit_id>/link", views.link, name="desk-link"),
    path("permits/<str:permit_id>/link/end", views.end, name="desk-link-end"),
    path("permits/<str:permit_id>/link/question", views.report, name="desk-link-report"),
    path("link-questions", views.list_questions, name="desk-link-questions"),
    path("link-questions/<str:question_id>", views.show_question, name="desk-link-question"),
]
