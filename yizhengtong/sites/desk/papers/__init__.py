"""The papers of a case at the desk: to look at, and the form to print for signing."""
