"""/api/resident: what a resident does, for oneself or for whom one may act."""

from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.sites.api.framework import PublicAPI, SessionAuth
from yizhengtong.sites.api.resident import (
    applications,
    cases,
    checks,
    confirmations,
    guide,
    links,
    messages,
    organisations,
    own_data,
    paper_files,
    people,
    permits,
    privacy,
    ratings,
    residence,
    settlement,
    share_codes,
)

api = PublicAPI("Yizhengtong for residents", "resident", SessionAuth(PrincipalKind.RESIDENT))
api.add_router("/", guide.router, tags=["guide"])
api.add_router("/", people.router, tags=["people and residence"])
api.add_router("/", residence.router, tags=["people and residence"])
api.add_router("/applications", applications.router, tags=["applications"])
api.add_router("/applications", confirmations.router, tags=["applications"])
api.add_router("/cases", cases.router, tags=["cases"])
api.add_router("/", paper_files.router, tags=["papers"])
api.add_router("/cases", ratings.router, tags=["ratings"])
api.add_router("/permits", permits.router, tags=["permits"])
api.add_router("/share-codes", share_codes.router, tags=["share codes"])
api.add_router("/", settlement.router, tags=["settlement"])
api.add_router("/checks", checks.router, tags=["checks"])
api.add_router("/links", links.router, tags=["two numbers"])
api.add_router("/my", privacy.router, tags=["one's own data"])
api.add_router("/my", own_data.router, tags=["one's own data"])
api.add_router("/messages", messages.router, tags=["messages"])
api.add_router("/organisation", organisations.router, tags=["organisations that check permits"])
