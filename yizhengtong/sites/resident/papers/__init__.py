"""One's papers as PDF and OFD, and the page where anybody checks a paper that is shown."""
