"""Addresses of papers."""

from django.urls import path

from yizhengtong.credentials.papers.sheet import PaperFormat
from yizhengtong.sites.resident.papers import checking, views

_OFD = {"form": PaperFormat.OFD}

urlpatterns = [
    path("cases/<str:case_id>/papers", views.list_papers, name="case-papers"),
    path("cases/<str:case_id>/papers/<slug:kind>.pdf", views.case_paper, name="case-paper"),
    path("cases/<str:case_id>/papers/<slug:kind>.ofd", views.case_paper, _OFD, name="case-paper-ofd"),
    path("permits/<str:permit_id>/papers", views.papers_of_one_permit, name="permit-papers"),
    path("permits/<str:permit_id>/papers/<slug:kind>.pdf", views.permit_paper, name="permit-paper"),
    path("permits/<str:permit_id>/papers/<slug:kind>.ofd", views.permit_paper, _OFD, name="permit-paper-ofd"),
    path("residence/certificate.pdf", views.residence_certificate, name="residence-certificate-pdf"),
    path("residence/certificate.ofd", views.residence_certificate, _OFD, name="residence-certificate-ofd"),
    path("residence/<str:stay_id>/voucher.pdf", views.voucher, name="residence-voucher-pdf"),
    path("residence/<str:stay_id>/voucher.ofd", views.voucher, _OFD, name="residence-voucher-ofd"),
    path("check-paper", checking.ask, name="check-paper"),
    path("check-paper/<str:reference>", checking.show, name="checked-paper"),
]
