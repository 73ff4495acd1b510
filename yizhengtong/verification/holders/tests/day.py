"""The legal day of the tests: checks and tickets are written with the clock's."""

from django.utils import timezone

from yizhengtong.kernel.dates import legal_day

TODAY = legal_day(timezone.now())
