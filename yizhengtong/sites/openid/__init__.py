"""Real-name sign-in by OpenID Connect: what relying parties ask there, and the pages on which residents answer."""
