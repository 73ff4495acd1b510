"""Real-name sign-in (S4-11): identity services outside, each behind the same contract (docs/sign-in.md)."""
