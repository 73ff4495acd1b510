"""One's cases: where each stands and by when it is decided, what was asked or refused, visits, withdrawal."""
