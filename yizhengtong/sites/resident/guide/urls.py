"""Addresses of what anybody may read."""

from django.urls import path

from yizhengtong.sites.resident.guide import notices, places_views, views, when_views

urlpatterns = [
    path("guide", views.guides, name="guides"),
    path("guide/<str:code>", views.guide, name="guide"),
    path("when", when_views.when, name="when"),
    path("service-points", places_views.service_points, name="service-points"),
    path("entitlements", places_views.entitlements, name="entitlements"),
    path("fraud", notices.fraud, name="fraud"),
    path("about/privacy", notices.privacy, name="about-privacy"),
    path("about/accessibility", notices.accessibility, name="about-accessibility"),
]
