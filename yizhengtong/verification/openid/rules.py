"""What a request may ask for, and when a resident must be asked. Pure: no clock, no database."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

OPENID = "openid"
PURPOSE = "purpose:"
PROMPTS = frozenset({"none", "login", "consent", "select_account"})


@dataclass(frozen=True, slots=True)
class Scope:
    """What a scope says: whether it is a sign-in at all, its one purpose (else empty), and what is not known here."""

    is_openid: bool
    purpose: str
    is_known: bool


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was agreed before: all that was asked then, and what of it was allowed."""

    asked: Collection[str]
    claims: Collection[str]


def scope_of(scope: str, purpose: str) -> Scope:
    """OpenID Connect Core 1.0, 3.1.2.1: `openid`; and ours: one purpose, in the scope or as a parameter, not two."""
    parts = set(scope.split(" "))
    named = ({each.removeprefix(PURPOSE) for each in parts if each.startswith(PURPOSE)} | {purpose}) - {""}
    others = {each for each in parts if each != OPENID and not each.startswith(PURPOSE)}
    return Scope(OPENID in parts, named.pop() if len(named) == 1 else "", not others)


def are_prompts_possible(prompts: Sequence[str]) -> bool:
    """OpenID Connect Core 1.0, 3.1.2.1: known ones, and `none` alone."""
    return set(prompts) <= PROMPTS and (len(prompts) == 1 or "none" not in prompts)


def must_prove_again(
    *, prompts: Collection[str], max_age: int | None, asked_at: datetime, proved_at: datetime, now: datetime
) -> bool:
    """OpenID Connect Core 1.0, 3.1.2.1: after `login`, and where the proof is older than `max_age` seconds.

    With `select_account` one signs in anew too: there is no list of accounts to choose from.
    """
    if {"login", "select_account"} & set(prompts) and proved_at < asked_at:
        return True
    return max_age is not None and now - proved_at > max(timedelta(seconds=max_age), now - asked_at)


def is_agreed(agreed: Agreed | None, *, asked: Collection[str], essential: Collection[str]) -> bool:
    """个人信息保护法 arts. 14, 23: a yes covers what was asked then, and nothing more; what was declined stays so."""
    return agreed is not None and set(asked) <= set(agreed.asked) and set(essential) <= set(agreed.claims)


def claims_told(agreed: Agreed, asked: Sequence[str]) -> tuple[str, ...]:
    """Return what of that which is asked now was agreed to, in the order of asking."""
    return tuple(each for each in asked if each in agreed.claims)


def essential_of(members: Mapping[str, object]) -> tuple[str, ...]:
    """Return the claims that a request calls essential (OpenID Connect Core 1.0, 5.5.1)."""
    return tuple(name for name, how in members.items() if isinstance(how, dict) and how.get("essential") is True)
