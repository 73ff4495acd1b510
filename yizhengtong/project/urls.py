"""Every address of the platform."""

from django.urls import include, path

from yizhengtong.sites.api.partner import api as partner_api
from yizhengtong.sites.api.resident import api as resident_api
from yizhengtong.sites.api.staff import api as staff_api
from yizhengtong.sites.resident.views import front_page, health

urlpatterns = [
    path("", front_page, name="front-page"),
    path("health", health, name="health"),
    path("api/resident/", resident_api.urls),
    path("api/staff/", staff_api.urls),
    path("api/partner/", partner_api.urls),
    path("_allauth/", include("allauth.headless.urls")),
]
