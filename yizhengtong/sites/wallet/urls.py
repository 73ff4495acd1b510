"""Addresses for wallets."""

from django.urls import path

from yizhengtong.sites.wallet import authorize, issuing, keys, oauth, presenting, status, types

urlpatterns = [
    path(".well-known/oauth-authorization-server", oauth.metadata, name="wallet-oauth-metadata"),
    path("oauth/par", oauth.pushed_request, name="wallet-par"),
    path("oauth/authorize", authorize.authorize, name="wallet-authorize"),
    path("oauth/token", oauth.token, name="wallet-token"),
    path("oauth/revoke", oauth.revocation, name="wallet-revoke"),
    path(".well-known/openid-credential-issuer", issuing.issuer_metadata, name="wallet-issuer-metadata"),
    path("wallet/offers/<str:secret>", issuing.offer, name="wallet-offer"),
    path("wallet/nonce", issuing.nonce, name="wallet-nonce"),
    path("wallet/credential", issuing.credential, name="wallet-credential"),
    path("wallet/deferred", issuing.deferred, name="wallet-deferred"),
    path("wallet/notification", issuing.notification, name="wallet-notification"),
    path("wallet/presentations/requests/<str:reference>", presenting.asked, name="wallet-presentation-request"),
    path("wallet/presentations/answers/<str:reference>", presenting.answered, name="wallet-presentation-answer"),
    path("status-lists", status.status_lists, name="status-lists"),
    path("status-lists/<str:name>", status.status_list, name="status-list"),
    path(".well-known/jwt-vc-issuer", keys.vc_issuer, name="wallet-vc-issuer"),
    path(".well-known/jwks.json", keys.every_key, name="keys"),
    path("keys/<str:use>.json", keys.key_set, name="keys-of-use"),
    path("keys/roots.pem", keys.roots, name="roots"),
    path("keys/<str:root>.crl", keys.revocation_list, name="revocation-list"),
    path("credentials/types/<slug:name>/<int:version>", types.type_metadata, name="wallet-type-metadata"),
]
