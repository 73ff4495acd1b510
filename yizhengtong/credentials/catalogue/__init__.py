"""What credentials say: their types as data (types.yaml), the claims of a permit, the metadata of a type."""
