"""Who may check permits, for which purposes, on which legal basis."""
