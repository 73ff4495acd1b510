"""A served platform, and residents with permits whom wallets collect for."""

import html
import re
from dataclasses import dataclass, field
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest

from tests.support.serving import Running
from yizhengtong.project.demonstration.journeys import Resident

_CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_LINK = re.compile(r'href="(openid-credential-offer://[^"]+)"')
_CODE = re.compile(r'<code class="number big">([0-9]+)</code>')
SD_JWT, MDOC = "hmt_permit_sd_jwt", "hmt_permit_mdoc"


@dataclass
class Holder:
    """A resident with a permit, in a browser: pages by the session's cookie."""

    port: int
    session: str = field(repr=False)
    permit: str

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def page(self) -> str:
        return f"/permits/{self.permit}/wallet"

    def offer(self, *forms: str) -> tuple[str, str]:
        """Make an offer on the page, and read link and code off it."""
        status, _, _ = self.send(self.page, forms=forms or (SD_JWT, MDOC))
        assert status == 302
        _, shown, _ = self.get(self.page)
        link, code = _LINK.search(shown), _CODE.search(shown)
        assert link is not None
        assert code is not None
        return html.unescape(link[1]), code[1]

    def get(self, path: str) -> tuple[int, str, str]:
        return self._exchange("GET", path, "", {})

    def send(self, path: str, **form: object) -> tuple[int, str, str]:
        """Open a form's page and send the form as a browser would."""
        _, shown, cookies = self.get(path)
        found = _CSRF.search(shown)
        assert found is not None, shown[:500]
        body = urlencode({"csrfmiddlewaretoken": found[1], **form}, doseq=True)
        return self._exchange("POST", path, body, {"Cookie": f"{self.cookie}; {cookies}", "Origin": self.base})

    @property
    def cookie(self) -> str:
        return f"sessionid={self.session}"

    def _exchange(self, method: str, path: str, body: str, more: dict[str, str]) -> tuple[int, str, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded", **more}
        try:
            connection.request(method, path, body or None, headers)
            response = connection.getresponse()
            cookies = "; ".join(each.split(";")[0] for each in response.headers.get_all("Set-Cookie", []))
            return response.status, response.read().decode(), cookies
        finally:
            connection.close()


@pytest.fixture(scope="session")
def wang(server: Running) -> Holder:
    """A Hong Kong resident whose card was handed over, as the first journey ends."""
    resident, permit = server.journeys.first_issue()
    return holder_of(server, resident, permit["id"])


def holder_of(server: Running, resident: Resident, permit_id: str) -> Holder:
    return Holder(server.port, resident.client.headers["X-Session-Token"], permit_id)
