"""What relying parties and clients of the bench `sign_in` have in common, ours and others'."""

from base64 import urlsafe_b64encode
from hashlib import sha256

BACK = "https://bank.example/back"
VERIFIER = "v" * 43
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
SECRET = "a-secret-of-the-bench-that-is-long-enough-and-not-hashed"
"""Of the client at the others' endpoints; also in tests/identity/stand_in/tokens.js."""
