"""The residents' site."""
