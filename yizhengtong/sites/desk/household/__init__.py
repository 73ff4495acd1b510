"""The household register: both papers of a settlement are looked at, and the registration is noted."""
