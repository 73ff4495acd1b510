"""Adding a permit to a wallet, and the wallets that hold it (docs/wallets.md)."""
