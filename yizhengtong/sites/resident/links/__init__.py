"""Pages of a resident's two numbers: linked, unlinked, doubted."""
