"""What the three APIs share: authentication, declared policies, headers in the OpenAPI document, problems."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any
from unicodedata import category
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.security import APIKeyHeader, HttpBearer
from ninja.utils import normalize_path
from pydantic import BaseModel, ConfigDict, Field, field_validator

from yizhengtong import __version__
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind, principal_of
from yizhengtong.foundation.scope import once_a_request
from yizhengtong.foundation.web.callers import partner_of
from yizhengtong.foundation.web.limiting import LIMITED
from yizhengtong.foundation.web.problems import ProblemDocument, install_problems
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Forbidden
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import person_of

Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2200, 12, 31))]
"""A day that is reckoned with: others are a slip of the pen."""
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs"})
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_.:-]{8,64}$"},
    "description": "A key of your own for this request. Sent again with the same key it has no second effect.",
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
    "description": "The ETag under which you last read what you change.",
}


class In(BaseModel):
    """What comes in: unknown fields are refused, so that nothing is set that no field names."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @field_validator("*", mode="after")
    @classmethod
    def can_be_printed(cls, value: Any) -> Any:
        """Refuse control characters and those that turn the direction of writing; rare characters are welcome."""
        if not _is_printable(value):
            raise ValueError("unprintable")
        return value


def _is_printable(value: object) -> bool:
    """Whether every text in what was sent can be read, those of lists and the names of a mapping too."""
    if isinstance(value, str):
        return all(category(letter) not in _UNPRINTABLE for letter in value)
    if isinstance(value, dict):
        return all(_is_printable(each) for pair in value.items() for each in pair)
    return all(map(_is_printable, value)) if isinstance(value, list) else True


class SessionAuth(APIKeyHeader):
    """The session token that sign-in (`/_allauth/app/v1/auth/login`) gives, for one kind of principal."""

    param_name = "X-Session-Token"

    def __init__(self, kind: PrincipalKind) -> None:
        super().__init__()
        self.kind = kind

    def authenticate(self, request: HttpRequest, key: str | None) -> Principal | None:
        principal = principal_of(request) if key else None
        return principal if principal is not None and principal.kind == self.kind else None


class PartnerAuth(HttpBearer):
    """A relying party's secret or signed assertion as bearer; or a signed request, or a certificate, without one."""

    def __call__(self, request: HttpRequest) -> Any:
        return partner_of(request)

    def authenticate(self, request: HttpRequest, _token: str) -> Any:
        return partner_of(request)


class PublicAPI(NinjaAPI):
    """An API whose document names every header that its operations need and the shape of every error."""

    def __init__(self, title: str, name: str, auth: Any) -> None:
        super().__init__(
            title=title,
            version=__version__,
            urls_namespace=f"api-{name}",
            auth=auth,
            docs_url=None,
            description="Errors are application/problem+json (RFC 9457) with a stable `code`.",
        )
        install_problems(self)
        self.name = name

    def _get_urls(self) -> list[Any]:
        """Give the addresses; whoever serves them knows from then on which are limited."""
        for bound in self._get_bound_routers():
            for path, view in bound.path_operations.items():
                parts = [part for part in ("api", self.name, bound.prefix, path) if part]  # as ninja joins them
                route = normalize_path("/".join(parts)).replace("{", "<").replace("}", ">")
                for operation in view.operations:
                    names = tuple((operation.openapi_extra or {}).get("x-limits", ()))
                    LIMITED.update({(method, route): names for method in operation.methods if names})
        return super()._get_urls()

    def get_openapi_schema(self, **named: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**named)
        schema["components"]["schemas"]["ProblemDocument"] = ProblemDocument.model_json_schema(
            ref_template="#/components/schemas/{model}"
        )
        for definition, shape in schema["components"]["schemas"]["ProblemDocument"].pop("$defs", {}).items():
            schema["components"]["schemas"][definition] = shape
        for path in schema["paths"].values():
            for method, operation in path.items():
                _complete(method, operation)
        return schema


def _complete(method: str, operation: dict[str, Any]) -> None:
    parameters = operation.setdefault("parameters", [])
    if method == "post":
        parameters.append(_IDEMPOTENCY_KEY)
    if operation.get("x-versioned"):
        parameters.append(_IF_MATCH)
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}
    operation["responses"]["4XX"] = {"description": "A problem, with its code", "content": problem}


def policy(name: str, *, versioned: bool = False, limits: Sequence[str] = ()) -> dict[str, Any]:
    """Declare which policy guards an operation and what limits it, for the document, the guards and their tests."""
    return {
        "x-policy": name,
        **({"x-versioned": True} if versioned else {}),
        **({"x-limits": list(limits)} if limits else {}),
    }


def by(request: HttpRequest) -> Principal:
    """Return who is signed in; operations are only reached signed in."""
    principal: Principal = request.auth  # type: ignore[attr-defined]
    return principal


def own_account(request: HttpRequest) -> UUID:
    """Return the account that is signed in."""
    account_id = by(request).id
    if account_id is None:  # only the system itself has none, and it sends no requests
        raise Forbidden("web.sign_in_first")
    return account_id


def own_person(request: HttpRequest) -> Person:
    """Return the person behind the account. Raises Forbidden `people.register_first`."""
    account_id = own_account(request)
    person = once_a_request(f"people.person_of {account_id}", lambda: person_of(account_id))
    if person is None:
        raise Forbidden("people.register_first")
    return person


def today() -> date:
    """Return the legal day."""
    return legal_day(timezone.now())
