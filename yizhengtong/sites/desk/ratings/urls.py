"""Addresses of ratings at the desk."""

from django.urls import path

from yizhengtong.sites.desk.ratings import views

urlpatterns = [
    path("ratings", views.list_ratings, name="desk-ratings"),
    path("ratings/<str:rating_id>", views.show_rating, name="desk-rating"),
    path("ratings/<str:rating_id>/call-back", views.call_back, name="desk-rating-call-back"),
    path("cases/<str:case_id>/rating-page", views.open_for_visitor, name="desk-rating-page"),
]
