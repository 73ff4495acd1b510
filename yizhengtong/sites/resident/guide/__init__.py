"""What anybody sees without signing in: guides, when one would qualify, service points, entitlements, warnings."""
