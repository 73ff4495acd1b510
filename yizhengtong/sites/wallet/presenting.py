"""Where wallets fetch what they are asked and post what they show (OpenID4VP 1.0, docs/presentations.md).

Who may ask: whoever has the address, which holds a keyed hash; it is in the link or the QR code of one request. With
whose data: what the answer itself brings. How often: one answer, and so often from an address. What if they lie: it is
signed by the issuer, the holder and for this request, or it ends the request.
"""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from yizhengtong.kernel.errors import Forbidden, NotFound
from yizhengtong.verification.authorization.answering import for_clients, sent_form, told
from yizhengtong.verification.authorization.problems import OAuthProblem, invalid_request
from yizhengtong.verification.presentations.answering import request_for, take_answer
from yizhengtong.verification.presentations.requests import MEDIA_TYPE

_LIMIT = "wallet_answers"
_MOST_BYTES = 512 * 1024
"""A portrait is in base64 up to three times: in a claim, in its disclosure, in an encrypted answer."""
_MOST_NONCE = 512


@for_clients("GET", "POST", limit=_LIMIT)
def asked(request: HttpRequest, reference: str) -> HttpResponse:
    """Give the signed request (5.10). By POST a wallet may send a nonce of its own; its metadata change nothing."""
    wallet_nonce = ""
    if request.method == "POST":
        wallet_nonce = sent_form(request).parameters.get("wallet_nonce", "")
        if len(wallet_nonce) > _MOST_NONCE:
            raise invalid_request("wallet_nonce is too long")
    try:
        content = request_for(reference, wallet_nonce=wallet_nonce)
    except NotFound:
        raise _over() from None
    return HttpResponse(content, content_type=MEDIA_TYPE)


@for_clients("POST", limit=_LIMIT)
def answered(request: HttpRequest, reference: str) -> HttpResponse:
    """Take what a wallet shows, or that it does not (8.2): 200 and where to go, or 400 and why."""
    sent = sent_form(request, most_bytes=_MOST_BYTES)
    try:
        taken = take_answer(reference, sent.parameters)
    except NotFound:
        raise _over() from None
    except Forbidden:
        raise invalid_request("The state is not of this request") from None
    back = {"redirect_uri": taken.redirect_uri} if taken.redirect_uri else {}
    if not taken.code:
        return told(back)
    document = {"error": "invalid_request", "error_description": taken.code, **back}
    return told(document, HTTPStatus.BAD_REQUEST)


def _over() -> OAuthProblem:
    return OAuthProblem("invalid_request", "No such request, or it is over", HTTPStatus.NOT_FOUND)
