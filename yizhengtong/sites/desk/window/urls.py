"""Addresses of work at the window."""

from django.urls import path

from yizhengtong.sites.desk.window import captures, guardians, visits, walk_ins

urlpatterns = [
    path("", visits.today_here, name="desk-window"),
    path("call", visits.call, name="desk-window-call"),
    path("cases/<str:case_id>", visits.visit, name="desk-window-case"),
    path("cases/<str:case_id>/arrived", visits.arrive, name="desk-window-arrive"),
    path("cases/<str:case_id>/form", visits.form_printed, name="desk-window-form"),
    path("cases/<str:case_id>/photo-receipt", captures.photo_receipt, name="desk-window-photo-receipt"),
    path("cases/<str:case_id>/capture/photo", captures.photo, name="desk-window-photo"),
    path("cases/<str:case_id>/capture/fingerprints", captures.fingerprints, name="desk-window-fingerprints"),
    path("cases/<str:case_id>/capture/signed-form", captures.signed_form, name="desk-window-signed-form"),
    path("cases/<str:case_id>/papers/<str:document_code>", captures.paper, name="desk-window-paper"),
    path("person", walk_ins.person, name="desk-window-person"),
    path("guardian", guardians.beside, name="desk-window-guardian"),
    path("minor", guardians.minor, name="desk-window-minor"),
    path("apply", walk_ins.apply, name="desk-window-apply"),
]
