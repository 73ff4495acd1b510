"""Background work on issuer keys: certificates and lists are renewed before they end."""

from procrastinate.contrib.django import app

from yizhengtong.credentials.keys.services import renew
from yizhengtong.foundation.accounts.principals import SYSTEM


@app.periodic(cron="25 18 * * *")  # UTC: 02:25 in China
@app.task(name="keys.renew", queueing_lock="keys.renew")
def renew_certificates(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Renew what ends soon. Keys themselves are changed by an operator alone (docs/issuer-keys.md)."""
    renew(by=SYSTEM)
