"""What providers call back: each request is signed, and holds no personal data."""
