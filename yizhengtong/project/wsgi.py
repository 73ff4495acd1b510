"""The WSGI application that Granian serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from yizhengtong.foundation.observability.folder import share_measures
from yizhengtong.foundation.observability.uncaught import log_what_nobody_catches
from yizhengtong.project.configuration import Configuration

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yizhengtong.project.settings")
share_measures(Configuration().home)
log_what_nobody_catches()
application = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018 the routes and all they import, before the workers part (web_server.py)

# What was loaded stays for the life of the process: the collector need not look at it again and again,
# and the pages that the workers share stay shared.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 20)
