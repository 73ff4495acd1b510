"""Pages for whoever checks a permit: a code on a phone, a code on paper, without an account."""
