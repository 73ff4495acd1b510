"""Addresses of papers."""

from django.urls import path

from yizhengtong.sites.resident.papers import checking, views

urlpatterns = [
    path("cases/<str:case_id>/papers", views.list_papers, name="case-papers"),
    path("cases/<str:case_id>/papers/<slug:kind>.pdf", views.case_paper, name="case-paper"),
    path("permits/<str:permit_id>/papers/<slug:kind>.pdf", views.permit_paper, name="permit-paper"),
    path("residence/certificate.pdf", views.residence_certificate, name="residence-certificate-pdf"),
    path("residence/<str:stay_id>/voucher.pdf", views.voucher, name="residence-voucher-pdf"),
    path("check-paper", checking.ask, name="check-paper"),
    path("check-paper/<str:reference>", checking.show, name="checked-paper"),
]
