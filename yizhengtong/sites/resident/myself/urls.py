"""Addresses of who I am, my documents, my family."""

from django.urls import path

from yizhengtong.sites.resident.myself import family, papers, registering

_STEPS = "<slug:step>"
urlpatterns = [
    path("me/register", registering.begin, name="resident-register"),
    path("me/register/check", registering.own_check, name="resident-check-own"),
    path(f"me/register/{_STEPS}", registering.own_step, name="resident-register-own"),
    path("me/documents", papers.documents, name="resident-documents"),
    path("me/documents/new", papers.new_document, name="resident-document-new"),
    path("family", family.family, name="resident-family"),
    path("family/act-for", family.act_for, name="resident-act-for"),
    path("family/new/check", registering.ward_check, name="resident-check-ward"),
    path(f"family/new/{_STEPS}", registering.ward_step, name="resident-register-ward"),
    path("family/<str:person_id>/end", family.end, name="resident-family-end"),
]
