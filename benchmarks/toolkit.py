"""django-oauth-toolkit as a small project of its own: its settings, nothing else. For the bench `sign_in`.

As fast as it goes: no middleware, no log, connections kept, the client's secret kept as it is (`hash_client_secret` is
off in fill_toolkit.py), tokens kept as they are. ID tokens are signed by RS256, the one of its algorithms that others
can check without knowing a secret. The database is the one that BENCH_TOOLKIT_URL names, as its owner, without row
policies; the key is in BENCH_TOOLKIT_KEY.
"""

import os

from psycopg.conninfo import conninfo_to_dict

_database = conninfo_to_dict(os.environ["BENCH_TOOLKIT_URL"])
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _database["dbname"],
        "USER": _database["user"],
        "PASSWORD": _database["password"],
        "HOST": _database["host"],
        "PORT": _database["port"],
        "CONN_MAX_AGE": None,
    }
}
SECRET_KEY = "only for the bench, which ends with its database"
DEBUG = False
ALLOWED_HOSTS = ["*"]
USE_TZ = True
LOGGING_CONFIG = None
MIDDLEWARE: list[str] = []
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "oauth2_provider"]
ROOT_URLCONF = "oauth2_provider.urls"
OAUTH2_PROVIDER = {
    "OIDC_ENABLED": True,
    "OIDC_ISS_ENDPOINT": "https://toolkit.example",
    "OIDC_RSA_PRIVATE_KEY": os.environ["BENCH_TOOLKIT_KEY"],
    "SCOPES": {"openid": "who signed in", "bank": "what a bank may know"},
}
