"""The officers' desk: queues, cases, the window, papers, figures, packs, administration. HTTP only."""
