"""Ways out: one contract (contract.py), and what fulfils it: SMTP, an SMS gateway over HTTP, SMPP, files."""
