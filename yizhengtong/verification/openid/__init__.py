"""Real-name sign-in: an OpenID Connect provider over the authorization server."""
