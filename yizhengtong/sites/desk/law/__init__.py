"""The packs on the desk: what is in force, what changes when, drafts simulated and put in force by two persons."""
