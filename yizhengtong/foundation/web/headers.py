"""What every answer tells the browser, whoever made it: a page, an API, a file, a sign-in, an error.

Stands first of all middlewares, so that nothing answers past it. Pages keep the content policy that django-csp gave
them (`settings.CONTENT_SECURITY_POLICY`, with a nonce where the page asks for one); all else may load nothing.
"""

from collections.abc import Callable, Mapping

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

_STATIC = "/static/"
_PAGE = "text/html"
ALWAYS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # stricter would break the check of where a form came from
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "yizhengtong",  # else the web server tells its own name
    "Permissions-Policy": "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), "
    "gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()",
}
_CAMERA, _WORKER = "_yzt_uses_camera", "_yzt_is_worker"
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
WORKER = "default-src 'none'; connect-src 'self'"
HSTS = "max-age=63072000; includeSubDomains"


class PagePolicyMiddleware(CSPMiddleware):
    """django-csp for pages alone: it writes its policy anew for every answer, and of others none is kept."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_page = response.get("Content-Type", "").startswith(_PAGE)
        return super().process_response(request, response) if is_page else response


class HeadersMiddleware:
    """Sets the headers; a view cannot weaken them, except that a page says how long it is kept, or uses the camera."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in ALWAYS.items():
            response[name] = value
        if getattr(response, _CAMERA, False):
            response["Permissions-Policy"] = ALWAYS["Permissions-Policy"].replace("camera=()", "camera=(self)")
        is_page = response.get("Content-Type", "").startswith(_PAGE)
        if not is_page or "Content-Security-Policy" not in response:
            response["Content-Security-Policy"] = WORKER if getattr(response, _WORKER, False) else NOTHING
        if request.path_info.startswith("/api/"):
            response["Cache-Control"] = "no-store"
        elif not request.path_info.startswith(_STATIC):
            response.setdefault("Cache-Control", "no-store")
        if settings.YZT_PRODUCTION:
            response["Strict-Transport-Security"] = HSTS
        return response


def allow_camera(response: HttpResponse) -> HttpResponse:
    """Let one page of ours use the camera of the machine that shows it, and no frame within it."""
    setattr(response, _CAMERA, True)
    return response


def allow_worker(response: HttpResponse) -> HttpResponse:
    """Let a script of ours be a service worker, which asks this site and nobody else."""
    setattr(response, _WORKER, True)
    return response


def allow_pictures_within(response: HttpResponse) -> HttpResponse:
    """Let one page show pictures that are a part of it: a photograph without an address that could be kept."""
    setattr(response, "_csp_update", {"img-src": ["data:"]})  # noqa: B010 what django-csp's csp_update sets
    return response
