"""Our own authorization server: who may act for a person, by which proof, for how long (docs/authorization.md)."""
