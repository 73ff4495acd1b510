"""The last release's database comes forward to this code while people work on it."""
