"""The route table of the three APIs, as their OpenAPI documents and Django's addresses give it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from yizhengtong.sites.api.framework import PublicAPI
from yizhengtong.sites.api.partner import api as partner
from yizhengtong.sites.api.reporter import api as reporter
from yizhengtong.sites.api.resident import api as resident
from yizhengtong.sites.api.staff import api as staff

APIS: dict[str, PublicAPI] = {"resident": resident, "staff": staff, "partner": partner, "reporter": reporter}
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Route:
    """One operation of one API. `path` has its parameters in braces."""

    api: str
    method: str
    path: str
    operation: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def parameters(self) -> list[str]:
        """The names of the parameters in the path, in their order."""
        return [p["name"] for p in self.operation.get("parameters", []) if p["in"] == "path"]

    @property
    def takes_person(self) -> bool:
        return any(p["name"] == "person_id" for p in self.operation.get("parameters", []) if p["in"] == "query")

    @property
    def is_versioned(self) -> bool:
        return bool(self.operation.get("x-versioned"))

    @property
    def schema(self) -> str:
        """The name of the schema of its JSON body; empty when it takes none."""
        reference = self.content.get("application/json", {}).get("schema", {}).get("$ref", "")
        return str(reference.rpartition("/")[2])

    @property
    def is_form(self) -> bool:
        return "multipart/form-data" in self.content

    @property
    def content(self) -> dict[str, Any]:
        found: dict[str, Any] = self.operation.get("requestBody", {}).get("content", {})
        return found

    def at(self, ids: dict[str, str]) -> str:
        """Return the path with the parameters filled in."""
        return self.path.format(**{name: ids[name] for name in self.parameters})


@cache
def documents() -> dict[str, dict[str, Any]]:
    """Return the OpenAPI document of each API; nobody may change it."""
    return {name: dict(api.get_openapi_schema(path_prefix=f"/api/{name}/")) for name, api in APIS.items()}


def routes(*names: str) -> list[Route]:
    """Return every operation of the APIs named, of all without names."""
    found = documents()
    return [
        Route(name, method, path, item[method])
        for name in names or tuple(found)
        for path, item in found[name]["paths"].items()
        for method in METHODS
        if method in item
    ]


def addresses() -> Iterator[str]:
    """Yield every address below /api/ that Django resolves, as it is written there."""
    for pattern in get_resolver().url_patterns:
        if isinstance(pattern, URLResolver) and str(pattern.pattern).startswith("api/"):
            for inner in pattern.url_patterns:
                assert isinstance(inner, URLPattern)
                yield f"/{pattern.pattern}{inner.pattern}"
