"""What an operator can set: one place, typed, read from the environment with the prefix `YZT_`.

docs/settings.md is generated from these descriptions (`bin/yzt pages`).
"""

import secrets
from functools import cached_property
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[2]


class Configuration(BaseSettings):
    """The settings of one deployment."""

    model_config = SettingsConfigDict(env_prefix="YZT_", extra="ignore", frozen=True, populate_by_name=True)

    production: bool = Field(False, description="Refuse demonstration sign-ins, fakes and weak settings.")
    home: Path = Field(ROOT / "var", description="Folder of the embedded database, files, keys and logs.")
    database_url: str = Field(
        "",
        validation_alias="DATABASE_URL",
        description="A PostgreSQL connection string; empty means the embedded database, while it runs.",
    )
    hosts: list[str] = Field(
        ["127.0.0.1", "localhost"], description="Host names under which the platform is reached, as a JSON list."
    )
    secret_key: SecretStr = Field(SecretStr(""), description="Signs sessions; empty means a generated file in `home`.")
    index_key: SecretStr = Field(
        SecretStr(""), description="Keys the blind indexes, in hexadecimal; empty means a generated file in `home`."
    )
    region: str = Field("370100", description="GB/T 2260 code of the place this deployment serves.")
    clamd: str = Field("", description="Address of clamd (`host:port` or a socket's path); empty means the fake.")
    photo_service: str = Field(
        "", description="Base address of the photo-receipt service; empty means receipts from files in `home`."
    )
    photo_service_token: SecretStr = Field(SecretStr(""), description="Bearer token for the photo-receipt service.")
    photo_receipt_pattern: str = Field(
        r"[A-Za-z0-9-]{1,32}",
        description="Form of a photo receipt's number, a regular expression (in no source).",
    )
    opening_hours: list[tuple[str, str]] = Field(
        [("09:00", "12:00"), ("13:30", "17:00")],
        description="When service points receive on working days, as a JSON list of pairs, in local time.",
    )
    appointment_minutes: int = Field(20, ge=5, le=240, description="How long an appointment takes, in minutes.")
    windows_per_point: int = Field(2, ge=1, le=99, description="Windows open at a service point.")
    booking_horizon_days: int = Field(30, ge=1, le=365, description="How many days ahead can be booked.")
    web_workers: int = Field(2, ge=1, le=64, description="Web server processes.")
    port: int = Field(8000, ge=1, le=65535, description="Port of the web server on 127.0.0.1.")

    @cached_property
    def database(self) -> dict[str, Any]:
        """Django's database settings. Without an address none is open: commands attach to the embedded one first."""
        parts = conninfo_to_dict(self.database_url) if self.database_url else {}
        return {
            "ENGINE": "yizhengtong.foundation.postgresql",
            "NAME": parts.get("dbname", "yzt"),
            "USER": parts.get("user", ""),
            "PASSWORD": parts.get("password", ""),
            "HOST": parts.get("host", ""),
            "PORT": parts.get("port", ""),
            # Statements are prepared on the server and kept: planning was a quarter of the database's work.
            # Behind a pooler that hands connections around by transaction, set prepare_threshold to None.
            "OPTIONS": {"server_side_binding": True, "prepare_threshold": 5},
            "CONN_MAX_AGE": None,
            "CONN_HEALTH_CHECKS": True,
            "DISABLE_SERVER_SIDE_CURSORS": False,
        }

    def key(self, given: SecretStr, name: str) -> str:
        """Return the given key, else the one generated on first use into `home/keys/NAME`, readable by us alone."""
        if given.get_secret_value():
            return given.get_secret_value()
        path = self.home / "keys" / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with path.open("x") as file:
                path.chmod(0o600)
                file.write(secrets.token_hex(32))
        except FileExistsError:
            pass
        return path.read_text()
