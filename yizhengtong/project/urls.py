"""Every address of the platform."""

from django.urls import include, path

from yizhengtong.foundation.web.problems import not_offered
from yizhengtong.sites.api.partner import api as partner_api
from yizhengtong.sites.api.reporter import api as reporter_api
from yizhengtong.sites.api.resident import api as resident_api
from yizhengtong.sites.api.staff import api as staff_api

_NOT_OFFERED = (
    *("account/email", "account/phone", "auth/code/confirm", "auth/email/verify", "auth/email/verify/resend"),
    *("auth/password/request", "auth/password/reset", "auth/phone/verify", "auth/phone/verify/resend"),
    "tokens/refresh",
)
"""Flows of allauth that need messages, which nothing sends yet: closed, so that nobody finds out what they do."""

urlpatterns = [
    # First, for they are asked most: four beginnings are soon compared, and no page begins so.
    path("api/partner/", partner_api.urls),
    path("api/resident/", resident_api.urls),
    path("api/staff/", staff_api.urls),
    path("api/reporter/", reporter_api.urls),
    path("", include("yizhengtong.sites.wallet.urls")),
    path("", include("yizhengtong.sites.openid.urls")),
    path("", include("yizhengtong.sites.resident.urls")),
    path("", include("yizhengtong.sites.checker.urls")),
    path("", include("yizhengtong.sites.partner.urls")),
    path("desk/", include("yizhengtong.sites.desk.urls")),
    path("", include("yizhengtong.sites.operations.urls")),
    path("", include("yizhengtong.sites.callbacks.urls")),
    *(path(f"_allauth/app/v1/{flow}", not_offered) for flow in _NOT_OFFERED),
    path("_allauth/", include("allauth.headless.urls")),
]

handler400 = "yizhengtong.foundation.pages.failures.bad_request"
handler403 = "yizhengtong.foundation.pages.failures.forbidden"
handler404 = "yizhengtong.foundation.pages.failures.not_found"
handler500 = "yizhengtong.foundation.pages.failures.defect"
