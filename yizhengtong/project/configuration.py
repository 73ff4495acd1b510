"""What an operator can set: one place, typed, read from the environment with the prefix `YZT_`.

docs/settings.md is generated from these descriptions (`bin/yzt pages`).
"""

import secrets
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from psycopg.conninfo import conninfo_to_dict
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    NonNegativeInt,
    PositiveInt,
    SecretStr,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[2]

_LIMITS = {
    "sign_in": (60, 300),  # an address; allauth counts each user name's failures besides
    "sign_up": (200, 3600),  # an address
    "linking": (20, 86400),  # an account: persons and numbers
    "uploads": (100, 3600),  # an account
    "upload_bytes": (500_000_000, 3600),  # an account
    "checks": (20_000, 3600),  # a relying party
    "checks_of_one": (30, 3600),  # a relying party and a number: names cannot be tried out
    "searches": (300, 3600),  # an officer
    "exports": (5, 86400),  # an account
    "codes": (20, 86400),  # an account: codes asked for, and tries to say one back
    "phone_codes": (5, 86400),  # a telephone: sign-in codes sent there, whoever asks
    "phone_code_senders": (20, 3600),  # an address: sign-in codes asked for
    "phone_code_tries": (5, 86400),  # a sign-in code: tries to say it back
    "objections": (20, 86400),  # an account
    "registers": (50, 86400),  # an account: registers asked for an application
    "papers": (120, 3600),  # an account: papers drawn
    "paper_checks": (60, 3600),  # an address: references looked up, so that none is found by trying
    "showings": (60, 3600),  # an account: permits held out on a phone
    "showing_codes": (600, 3600),  # an account: codes drawn for them
    "code_checks": (300, 3600),  # an address or an officer: codes on phones read
    "openid_requests": (600, 300),  # an address: sign-ins that relying parties push, or browsers bring
    "openid_tokens": (6000, 300),  # an address: codes exchanged, and what they open asked for
    "share_codes": (60, 3600),  # an account: share codes made
    "share_checks": (30, 3600),  # an address or an officer: share codes read by the page
    "share_checks_of_one": (30, 3600),  # a share code: whoever reads it
    "share_checks_of_all": (60_000, 3600),  # all share codes together: the page, each relying party (adr/0067)
    "checks_by_hand": (300, 3600),  # an account: checks that a member of a relying party types
    "tries": (300, 3600),  # an account: checks of people who do not exist
    "code_readings": (20_000, 3600),  # a relying party: share codes, codes on phones and on paper read by API
    "wallet_requests": (600, 300),  # an address: requests that wallets push
    "wallet_tokens": (1200, 300),  # an address: codes and tokens that wallets exchange or end
    "wallet_offers": (60, 3600),  # an account: offers to wallets
    "wallet_copies": (600, 86400),  # a person: copies of permits collected by wallets
    "wallet_answers": (
        1200,
        300,
    ),  # an address: requests by which wallets collect, ask again, and tell what became of it
    "past_status_lists": (120, 3600),  # an address: status lists as they were
    "bulk_files": (60, 3600),  # a relying party: files of rows to check; their rows count against its quota
    "bulk_results": (120, 3600),  # a relying party: results fetched
    "webhook_changes": (120, 3600),  # a relying party: addresses, secrets, trials
    "organisation_changes": (120, 3600),  # an account: invitations, purposes asked for, addresses, keys
    "subscriptions": (20_000, 3600),  # a relying party: permits it asks to be told of
    "reports": (600, 3600),  # a reporter: single reports
    "report_lists": (20, 3600),  # a reporter
}


class IdentitySettings(BaseModel):
    """One identity service (docs/sign-in.md)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["openid", "ticket"]
    name: dict[Literal["zh-Hans", "zh-Hant", "en"], str]
    address: str
    client_id: str
    client_secret: SecretStr
    scope: str = "openid profile"
    levels: list[str] = Field(default_factory=list)


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
    keys: str = Field(
        "", description="Master key file, or the PKCS#11 address of a token; empty means `keys/master` in `home`."
    )
    signing_keys: str = Field(
        "", description="PKCS#11 address of the token in which issuer keys are made; empty: sealed in the database."
    )
    crypto: Literal["international", "national", "both"] = Field(
        "international",
        description="Algorithms of new keys: AES-256-GCM, SHA-256 and ES256, or SM4-GCM, SM3 and SM2; `both` seals "
        "with SM4 and signs credentials with a key of either kind, each form with the one its readers know.",
    )
    index_key: SecretStr = Field(
        SecretStr(""),
        description="Index key of release 0.1.0, in hexadecimal, taken over once; empty means its file, if any.",
    )
    region: str = Field("370100", description="GB/T 2260 code of the place this deployment serves.")
    audit_checkpoints: Path | None = Field(
        None,
        description="Folder of the audit trail's signed checkpoints, best on another machine; "
        "empty means `checkpoints` in `home`.",
    )
    audit_keys: Path | None = Field(
        None, description="Folder of the sealer's private keys; empty means `keys/audit` in `home`."
    )
    audit_keep_work_months: int = Field(
        36, ge=1, description="Months after which who looked at whose data is no longer told by the audit trail."
    )
    audit_keep_log_months: int = Field(
        6, ge=1, description="Months after which own look-ups, drafts and refused requests leave the audit trail."
    )
    minor_approval_days: int = Field(
        30, ge=1, le=365, description="How many days an approval to open a minor's record holds (in no source)."
    )
    privacy_answer_days: int = Field(
        15, ge=1, le=60, description="Days within which objections and corrections are answered (in no source)."
    )
    rating_answer_days: int = Field(
        15, ge=1, le=60, description="Days within which a negative rating is answered where no pack names a limit."
    )
    link_answer_days: int = Field(
        15, ge=1, le=60, description="Days within which a question about linked numbers is decided (in no source)."
    )
    ticket_working_days: int = Field(
        5, ge=1, le=30, description="Working days within which a doubt about a check is answered (in no source)."
    )
    fonts: Path | None = Field(
        None, description="Folder with the fonts of papers, looked in before the usual places (docs/papers.md)."
    )
    time_stamps: str = Field(
        "", description="Address of a time-stamp authority (RFC 3161) for signed papers; empty means no time stamps."
    )
    wallets_attested_only: bool = Field(
        False, description="Let only wallets collect credentials that a registered provider attests (HAIP)."
    )
    wallets_dpop_nonces: bool = Field(
        False, description="Ask wallets for a nonce of this server in each proof of their key (RFC 9449 section 8)."
    )
    breach_notice_hours: int = Field(
        24, ge=1, le=72, description="Hours within which a breach is told where the law says only `at once`."
    )
    keep_work_days: int = Field(
        30, ge=1, description="Days after which drafts given up and papers taken back are deleted (in no source)."
    )
    credential_days: int = Field(
        90,
        ge=1,
        le=366,
        description="Days for which a copy of a permit in a wallet is good, never past the permit's own.",
    )
    credential_batch: int = Field(
        20, ge=2, le=100, description="Copies that a wallet may collect at once, each shown to one checker only."
    )
    status_ttl: int = Field(
        300, ge=30, le=43_200, description="Seconds after which a checker is to look at a status list again."
    )
    status_history_days: int = Field(
        30, ge=0, le=366, description="Days for which past status lists can be asked for; 0 means never."
    )
    contact: str = Field(
        "", description="Who answers for personal data here and how they are reached: shown with every consent."
    )
    operator: Literal["critical", "central", "other"] = Field(
        "other",
        description="Who runs the platform (clocks of incidents): critical infrastructure, central organ, another.",
    )
    clamd: str = Field("", description="Address of clamd (`host:port` or a socket's path); empty means the fake.")
    photo_service: str = Field(
        "", description="Base address of the photo-receipt service; empty means receipts from files in `home`."
    )
    photo_service_token: SecretStr = Field(SecretStr(""), description="Bearer token for the photo-receipt service.")
    private_networks: list[str] = Field(
        [], description="Private networks in which services may be asked, such as `10.20.0.0/16`, as a JSON list."
    )
    smtp_server: str = Field(
        "", description="Mail server (`host` or `host:port`); empty means a file in `home`, in production no e-mail."
    )
    smtp_security: Literal["tls", "starttls", "none"] = Field(
        "starttls", description="How the link to the mail server is closed; `none` is for one on this machine."
    )
    smtp_user: str = Field("", description="User name at the mail server; empty means without a login.")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password at the mail server.")
    smtp_sender: str = Field("noreply@localhost", description="Address that e-mails come from.")
    sms_gateway: str = Field(
        "", description="Base address of an SMS gateway by docs/contracts/sms-gateway.md; goes before SMPP."
    )
    sms_gateway_key: SecretStr = Field(
        SecretStr(""), description="Key that signs requests to the gateway and its callbacks."
    )
    sms_smpp: str = Field(
        "", description="SMSC (`host:port`) for SMPP 3.4; with neither, SMS go to a file, in production nowhere."
    )
    sms_smpp_user: str = Field("", max_length=15, description="system_id at the SMSC.")
    sms_smpp_password: SecretStr = Field(SecretStr(""), description="Password at the SMSC, at most 8 characters.")
    sms_smpp_tls: bool = Field(True, description="Speak SMPP within TLS.")
    sms_smpp_long: Literal["parts", "payload"] = Field(
        "parts", description="Long texts as parts with a header, or in one message_payload."
    )
    sms_sender: str = Field("", max_length=20, description="Number or name that SMS come from.")
    sms_per_second: int = Field(0, ge=0, le=1000, description="Short messages a second at most by SMPP; 0 is no limit.")
    messages_quiet: tuple[str, str] = Field(
        ("21:00", "08:00"), description="Hours in which nothing is sent but breach notices, as a JSON pair, local time."
    )
    messages_a_day: int = Field(
        10, ge=0, description="Messages a day to one person that no law asks for, at most; 0 is no limit."
    )
    messages_keep_days: int = Field(
        365, ge=1, description="Days after which messages are deleted (in no source: working data)."
    )
    registers: Path | None = Field(
        None, description="Folder of register files (`bin/yzt registers load`); empty means `registers` in `home`."
    )
    registers_stale_days: int = Field(
        7, ge=0, description="Days after which a register's file, or what a register said, no longer counts."
    )
    register_services: dict[str, str] = Field(
        {}, description="Registers with a service of their own: address by kind, as a JSON object; before files."
    )
    travel_platform: str = Field(
        "",
        description="Address that says whether number, name and birth date are of one document (docs/checks.md).",
    )
    register_timeout_seconds: float = Field(
        2.0, gt=0, le=30, description="How long a register's service is waited for; it is asked twice at most."
    )
    register_total_seconds: float = Field(
        4.0, gt=0, le=60, description="After this long an application asks no further register."
    )
    identity_services: dict[str, IdentitySettings] = Field(
        {},
        description="Services for real-name sign-in by code, as a JSON object: `kind` (`openid`, `ticket`), `name` by "
        "language, `address`, `client_id`, `client_secret`, `scope`, `levels` that count (docs/sign-in.md).",
    )
    photo_receipt_pattern: str = Field(
        r"[A-Za-z0-9-]{1,32}",
        description="Form of a photo receipt's number, a regular expression (in no source).",
    )
    permit_number_pattern: str = Field(
        "{county}{year}{running:08d}",
        pattern=r"\{running",
        description="Form of the number on a Zhejiang permit's back (in no source): `county`, `year`, `running`.",
    )
    application_number_pattern: str = Field(
        "{county}-A-{year}-{running:07d}",
        pattern=r"\{running",
        description="Form of the number of an application (申请编号, in no source): `county`, `year`, `running`.",
    )
    post_check_share: float = Field(
        0.05, ge=0, le=1, description="Share of the approvals by the system's rules that officers check afterwards."
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
    address: str = Field(
        "",
        pattern=r"^(https?://[^/?#\s]+)?$",
        description="Under which the platform is reached, such as `https://permits.example`, without a path: it names "
        "the issuer of credentials for good. Empty means 127.0.0.1 with the port.",
    )
    trusted_proxy_header: str = Field(
        "",
        pattern=r"^[A-Za-z0-9-]*$",
        description="Header in which the proxy before us says `https`, setting it anew: `X-Forwarded-Proto`.",
    )
    trusted_proxies: int = Field(
        0, ge=0, le=9, description="How many proxies of ours each add the address they see to X-Forwarded-For."
    )
    certificates_from: list[IPvAnyNetwork] = Field(
        [],
        description="Networks of proxies that may hand over a relying party's certificate in X-Client-Certificate, as "
        "a JSON list; empty: from nobody, and no certificate opens anything.",
    )
    limits: dict[str, tuple[NonNegativeInt, PositiveInt]] = Field(
        _LIMITS,
        description="How often somebody may ask: by name, how many in how many seconds, as a JSON object; names left "
        "out keep their default, 0 is no limit.",
    )
    backups: Path | None = Field(None, description="Folder that `bin/yzt backup` writes to, on another disk.")
    accepted_risks: list[str] = Field(
        [], description="Codes of `bin/yzt production check` that the operator accepts, as a JSON list."
    )

    metrics_token: SecretStr = Field(
        SecretStr(""), description="Opens `/metrics` and `/operations`; empty means a generated file in `home`."
    )
    metrics_addresses: list[IPvAnyNetwork] = Field(
        [], description="Networks from which alone the token is taken, as a JSON list; empty means from everywhere."
    )
    slow_statement_ms: int = Field(
        250, ge=1, description="Database statements that take this long are logged by their shape, in milliseconds."
    )
    tracing: bool = Field(False, description="Send spans by OpenTelemetry, where the extra `tracing` is installed.")
    least_free_disk_mb: int = Field(
        1024, ge=0, description="Below this much free space of `home` the platform is not ready, in MB."
    )
    oldest_backup_hours: int = Field(26, ge=1, description="A last backup older than this is shown as wrong, in hours.")

    @field_validator("limits")
    @classmethod
    def _with_defaults(cls, given: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
        if given.keys() - _LIMITS.keys():
            raise ValueError(f"there are only these: {', '.join(_LIMITS)}")
        return {**_LIMITS, **given}

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
            "OPTIONS": {
                "server_side_binding": True,
                "prepare_threshold": 5,
                **{name: value for name, value in parts.items() if name.startswith("ssl")},
            },
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

    @property
    def inherited_index_key(self) -> bytes | None:
        """Return the index key that release 0.1.0 used, None where there was none: foundation.vault takes it over."""
        given, path = self.index_key.get_secret_value(), self.home / "keys" / "index_key"
        if not given and path.exists():
            given = path.read_text()
        return bytes.fromhex(given) if given else None
