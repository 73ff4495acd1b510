"""Cases at the desk: the queue, one case with its checklist beside its papers, steps, several at once."""
