"""Ratings (好差评): five grades, one a case, voluntary; negative ones have an owner, a deadline, a reply."""
