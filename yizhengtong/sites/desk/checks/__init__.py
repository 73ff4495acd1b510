"""Doubts about checks (“this was not me”) as heads of office answer them."""
