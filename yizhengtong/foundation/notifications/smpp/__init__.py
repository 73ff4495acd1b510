"""SMPP 3.4, the client's side (ESME): what sending short messages and hearing of them needs, and no more."""
