"""Showing a permit: for what, what will be shown, the code on the phone, the code to print."""
