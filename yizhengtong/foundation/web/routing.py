"""Which route a request will take, for what stands before it: Django finds out only once nothing refused."""

from django.http import HttpRequest
from django.urls import Resolver404, resolve

from yizhengtong.foundation.scope import once_a_request


def route_ahead(request: HttpRequest) -> str:
    """Return the route as Django writes it, empty where there is none; looked for once a request."""
    path = request.path_info
    return once_a_request(f"web.route {path}", lambda: _route_of(path))


def _route_of(path: str) -> str:
    try:
        return resolve(path).route
    except Resolver404:
        return ""
