"""The running platform as its operators see it: its logs, its readiness, its measures over several processes."""
