"""Showing a permit without a wallet: purposes, what will be shown, the code on the phone and the code on paper."""
