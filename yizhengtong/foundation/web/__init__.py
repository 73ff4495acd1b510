"""What every HTTP audience shares: problem+json, request ids, idempotent POSTs, versions, cursor pages."""
