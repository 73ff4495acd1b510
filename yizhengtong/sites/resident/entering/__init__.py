"""Real-name sign-in by identity services: there and back."""
