"""Two numbers of one person at the desk: linked at the window, questions decided by a head."""
