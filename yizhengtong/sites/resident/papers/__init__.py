"""One's papers as PDF, and the page where anybody checks a paper that is shown."""
