"""Addresses of the portal, all under /partner."""

from django.urls import include, path

from yizhengtong.foundation.pages.entering.addresses import addresses_of
from yizhengtong.foundation.pages.entering.doors import ORGANISATIONS
from yizhengtong.sites.partner import (
    addresses,
    checking,
    documents,
    figures,
    home,
    joining,
    keys,
    organisation,
    trying,
    webhooks,
)

_BELOW = [
    *addresses_of(ORGANISATIONS),
    path("docs", documents.contents, name="partner-docs"),
    path("docs/<slug:topic>", documents.show, name="partner-doc"),
    path("register", joining.register, name="partner-register"),
    path("join", joining.join, name="partner-join"),
    path("organisation", organisation.show, name="partner-organisation"),
    path("organisation/invite", organisation.invite, name="partner-invite"),
    path("purposes", organisation.choose, name="partner-purposes"),
    path("purposes/<str:purpose>/ask", organisation.ask, name="partner-ask"),
    path("purposes/<str:grant_id>/take-back", organisation.withdraw, name="partner-take-back"),
    path("keys", keys.show, name="partner-keys"),
    path("keys/secret", keys.new_secret, name="partner-key-secret"),
    path("keys/jwk", keys.new_jwk, name="partner-key-jwk"),
    path("keys/certificate", keys.new_certificate, name="partner-key-certificate"),
    path("keys/<str:key_id>/rotate", keys.rotate, name="partner-key-rotate"),
    path("keys/<str:key_id>/end", keys.let_end, name="partner-key-end"),
    path("keys/<str:key_id>/revoke", keys.revoke, name="partner-key-revoke"),
    path("addresses", addresses.show, name="partner-addresses"),
    path("addresses/<str:address_id>/remove", addresses.remove, name="partner-address-remove"),
    path("webhooks", webhooks.show, name="partner-webhooks"),
    path("webhooks/<str:endpoint_id>", webhooks.deliveries, name="partner-webhook"),
    path("figures", figures.show, name="partner-figures"),
    path("try", trying.show, name="partner-try"),
    path("check", checking.check, name="partner-check"),
]
urlpatterns = [path("partner", home.show, name="partner-home"), path("partner/", include(_BELOW))]
