"""Who checked my permit: every check, what to be told of, "this was not me", relying parties that are shut out."""
