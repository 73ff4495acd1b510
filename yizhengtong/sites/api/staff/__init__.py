"""/api/staff: what officers do at the counter and at the desk."""

from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.sites.api.framework import PublicAPI, SessionAuth
from yizhengtong.sites.api.staff import (
    audit,
    breaches,
    cases,
    check_tickets,
    confirmations,
    counter,
    decisions,
    exchange,
    imports,
    links,
    messages,
    paper_files,
    permits,
    privacy,
    ratings,
    relying_parties,
    reports,
    settlement,
)

api = PublicAPI("Yizhengtong for staff", "staff", SessionAuth(PrincipalKind.STAFF))
api.add_router("/", cases.router, tags=["queue and cases"])
api.add_router("/", confirmations.router, tags=["queue and cases"])
api.add_router("/cases", counter.router, tags=["counter"])
api.add_router("/cases", paper_files.router, tags=["papers"])
api.add_router("/cases", decisions.router, tags=["decisions"])
api.add_router("/permits", permits.router, tags=["permits"])
api.add_router("/", settlement.router, tags=["settlement"])
api.add_router("/imports", imports.router, tags=["imports"])
api.add_router("/audit", audit.router, tags=["audit"])
api.add_router("/", privacy.router, tags=["people's rights"])
api.add_router("/check-tickets", check_tickets.router, tags=["people's rights"])
api.add_router("/", links.router, tags=["two numbers"])
api.add_router("/", ratings.router, tags=["ratings"])
api.add_router("/", reports.router, tags=["registration of residence"])
api.add_router("/breaches", breaches.router, tags=["breaches"])
api.add_router("/", messages.router, tags=["messages"])
api.add_router("/exchange", exchange.router, tags=["exchange"])
api.add_router("/relying-parties", relying_parties.router, tags=["relying parties"])
