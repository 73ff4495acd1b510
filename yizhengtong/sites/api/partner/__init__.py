"""/api/partner: what relying parties do. Each module has the operations of one room."""

from yizhengtong.sites.api.framework import PartnerAuth, PublicAPI
from yizhengtong.sites.api.partner import bulk, checks, codes, own, presentations, same_person, webhooks

api = PublicAPI("Yizhengtong for relying parties", "partner", PartnerAuth())
api.add_router("/", checks.router, tags=["checks"])
api.add_router("/", same_person.router, tags=["same person"])
api.add_router("/", codes.router, tags=["codes"])
api.add_router("/", presentations.router, tags=["presentations"])
api.add_router("/", bulk.router, tags=["bulk"])
api.add_router("/", webhooks.router, tags=["webhooks"])
api.add_router("/own", own.router, tags=["one's own"])
