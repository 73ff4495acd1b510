"""Ratings (好差评): what waits for a head of office, and the page that a window opens for its visitor."""
