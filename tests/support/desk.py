"""Officers with accounts, in browsers of their own."""

from dataclasses import dataclass

from django.conf import settings
from django.core.management import call_command
from django.test import Client

from tests.support.city import City
from tests.support.sessions import session
from yizhengtong.foundation.accounts.models import StaffMember
from yizhengtong.foundation.accounts.principals import SYSTEM, Principal, principal_for
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.accounts.services import appoint_officer


@dataclass(frozen=True, slots=True)
class Desk:
    """An officer at the desk: the member, the principal, the browser."""

    member: StaffMember
    principal: Principal
    browser: Client


def at_the_desk(town: City, username: str, *roles: Role, office: str, has_second_factor: bool = True) -> Desk:
    """Appoint an officer and sign in."""
    member = appoint_officer(
        username=username, password="Jinan-test-1!", name=f"试{username}", office=town.offices[office], roles=roles,
        by=SYSTEM,
    )  # fmt: skip
    principal = principal_for(member.account, has_second_factor=has_second_factor)
    assert principal is not None
    return Desk(member, principal, browser_of(member, has_second_factor=has_second_factor))


def browser_of(member: StaffMember, *, has_second_factor: bool = True) -> Client:
    """Return a browser in which an officer is signed in."""
    call_command("createcachetable", verbosity=0)
    client = Client(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE_NAME] = session(member.account, has_second_factor=has_second_factor)
    return client
