"""Addresses of real-name sign-in, below the issuer's."""

from django.urls import path

from yizhengtong.sites.openid import authorize, consent, endpoints, logout

urlpatterns = [
    path("openid/.well-known/openid-configuration", endpoints.metadata, name="openid-metadata"),
    path("openid/jwks", endpoints.key_set, name="openid-jwks"),
    path("openid/par", endpoints.pushed_request, name="openid-par"),
    path("openid/token", endpoints.token, name="openid-token"),
    path("openid/userinfo", endpoints.userinfo_of, name="openid-userinfo"),
    path("openid/authorize", authorize.authorize, name="openid-authorize"),
    path("openid/consent", consent.consent, name="openid-consent"),
    path("openid/logout", logout.logout, name="openid-logout"),
    path("openid/logout/now", logout.logout_now, name="openid-logout-now"),
]
