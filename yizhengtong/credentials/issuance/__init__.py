"""Electronic permits collected by wallets: OpenID for Verifiable Credential Issuance 1.0 (Final, 2025-09-16).

Offers, nonces, proofs of keys, batches of copies, what is collected later, notifications, and the renewing of copies
whose key is no longer used (docs/wallets.md, docs/adr/0061). Who a wallet may collect for is said by access tokens that
verification.authorization gives; the addresses stand in sites.wallet.
"""
