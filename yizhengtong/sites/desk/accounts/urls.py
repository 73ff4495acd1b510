"""Addresses of accounts made at the window."""

from django.urls import path

from yizhengtong.sites.desk.accounts import recoveries, slips, views

urlpatterns = [
    path("new", views.new_account, name="desk-account-new"),
    path("recoveries", recoveries.list_waiting, name="desk-account-recoveries"),
    path("recoveries/new", recoveries.ask, name="desk-account-recovery"),
    path("recoveries/<str:recovery_id>", recoveries.confirm, name="desk-account-recovery-confirm"),
    path("recoveries/<str:recovery_id>/decline", recoveries.decline, name="desk-account-recovery-decline"),
    path("slip", slips.show, name="desk-account-slip"),
    path("slip/account_slip.pdf", slips.print_slip, name="desk-account-slip-print"),
]
