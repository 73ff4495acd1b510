"""The law as data: policy packs, the reader that understands them, the validator that refuses a wrong one.

Nothing here imports Django except models, services and apps.
"""
