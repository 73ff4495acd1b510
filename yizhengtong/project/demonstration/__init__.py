"""A demonstration city: offices, officers and a relying party, all synthetic; and the main job run through the API.

None of it exists in production mode: demonstration accounts cannot sign in there.
"""
