"""Addresses of administration."""

from django.urls import path

from yizhengtong.sites.desk.administration import officers, offices, requests

urlpatterns = [
    path("", offices.tree, name="desk-administration"),
    path("/offices/<str:code>", offices.show, name="desk-office"),
    path("/offices/<str:code>/name", offices.rename, name="desk-office-name"),
    path("/offices/<str:code>/merge", offices.merge, name="desk-office-merge"),
    path("/offices/<str:code>/new-office", offices.add, name="desk-office-new"),
    path("/offices/<str:code>/new-officer", officers.appoint, name="desk-officer-new"),
    path("/officers/<str:member_id>", officers.show, name="desk-officer"),
    path("/officers/<str:member_id>/roles", officers.change_roles, name="desk-officer-roles"),
    path("/officers/<str:member_id>/office", officers.move, name="desk-officer-office"),
    path("/officers/<str:member_id>/second-factors", officers.reset, name="desk-officer-second-factors"),
    path("/officers/<str:member_id>/password", officers.start_anew, name="desk-officer-password"),
    path("/officers/<str:member_id>/end", officers.end, name="desk-officer-end"),
    path("/requests/<str:request_id>", requests.show, name="desk-staff-request"),
    path("/requests/<str:request_id>/confirmation", requests.confirm, name="desk-staff-request-confirm"),
    path("/requests/<str:request_id>/decline", requests.decline, name="desk-staff-request-decline"),
]
