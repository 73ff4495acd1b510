"""The addresses of this site."""

from django.urls import path

from yizhengtong.sites.callbacks.views import sms_receipt

urlpatterns = [path("callbacks/sms", sms_receipt, name="sms-receipt")]
