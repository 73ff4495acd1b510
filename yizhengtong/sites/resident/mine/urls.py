"""Addresses of what belongs to a resident."""

from django.urls import path

from yizhengtong.sites.resident.mine import data_use, home, messages, own_data, permits, ratings, residence, stays

urlpatterns = [
    path("home", home.home, name="resident-home"),
    path("permits", permits.list_permits, name="resident-permits"),
    path("permits/<str:permit_id>", permits.show_permit, name="resident-permit"),
    path("permits/<str:permit_id>/loss", permits.report_loss, name="resident-permit-loss"),
    path("permits/<str:permit_id>/found", permits.report_found, name="resident-permit-found"),
    path("residence", residence.show_residence, name="resident-residence"),
    path("residence/certificate", residence.certificate, name="resident-certificate"),
    path("residence/new", stays.register_stay, name="resident-stay-new"),
    path("residence/reports/<str:report_id>/confirm", stays.confirm, name="resident-report-confirm"),
    path("residence/reports/<str:report_id>/dispute", stays.dispute, name="resident-report-dispute"),
    path("residence/<str:stay_id>/end", stays.end_of_stay, name="resident-stay-end"),
    path("residence/<str:stay_id>/correction", stays.put_right, name="resident-stay-correct"),
    path("data-use", data_use.history, name="resident-data-use"),
    path("data-use/requests", data_use.requests, name="resident-data-requests"),
    path("data-use/consents", data_use.consents, name="resident-consents"),
    path("data-use/export", own_data.take_along, name="resident-data-export"),
    path("data-use/correction", own_data.correct, name="resident-data-correction"),
    path("data-use/deletion", own_data.delete, name="resident-data-deletion"),
    path("data-use/<str:entry_id>/objection", data_use.object_to_line, name="resident-objection"),
    path("cases/<str:case_id>/explanation", own_data.explanation, name="resident-explanation"),
    path("cases/<str:case_id>/rating", ratings.rate_case, name="resident-rating"),
    path("rate/<str:word>", ratings.rate_here, name="rate-here"),
    path("messages", messages.list_messages, name="resident-messages"),
    path("messages/wanted", messages.wanted, name="resident-messages-wanted"),
    path("messages/contacts", messages.contacts, name="resident-contacts"),
    path("messages/contacts/<str:channel>/code", messages.say_code, name="resident-contact-code"),
    path("messages/contacts/<str:channel>/forgetting", messages.forget, name="resident-contact-forget"),
    path("messages/<str:message_id>", messages.read_message, name="resident-message"),
]
