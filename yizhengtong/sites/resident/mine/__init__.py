"""What belongs to a resident: home, permits, residence, data and who used them, messages, ratings."""
