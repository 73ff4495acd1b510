"""The receiver kit: takes the pushes of the platform, keeps them and acknowledges. An example that runs as it is.

Standard library and `cryptography`; no Django, nothing of the platform but the forms beside it (docs/exchange.md).
"""
