"""Demonstration offices, officers, a relying party and a data platform, all synthetic; and journeys through the API.

None of it exists in production mode: demonstration accounts cannot sign in there.
"""
