"""Pages for relying parties: what there is, one's organisation, its keys, figures and addresses, trying, checking."""
