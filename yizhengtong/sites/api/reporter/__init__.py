"""/api/reporter: what landlords, employers, property managers, agents and operators report (条例 arts. 8–12)."""

from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.sites.api.framework import PublicAPI, SessionAuth
from yizhengtong.sites.api.reporter import organisation, reports

api = PublicAPI("Yizhengtong for reporters", "reporter", SessionAuth(PrincipalKind.REPORTER))
api.add_router("/", reports.router, tags=["reports"])
api.add_router("/", organisation.router, tags=["organisations that check permits"])
