"""Share codes: for what, for how long, how often; shown once; who used them; ended at once."""
