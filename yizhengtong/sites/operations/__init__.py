"""For who runs the platform: does it live, is it ready, how is it. Numbers and ages, never about a person."""
