"""Sizes of ours; no law names them."""

LONGEST_WORDS = 1000
"""Characters of what somebody writes in a question about a link, and of the answer."""
ROWS_SHOWN = 50
"""Links and questions of one person on a page: nobody has as many."""
