"""Strangers sign residents in by our OpenID provider."""
