"""Papers: forms, receipts, notices and certificates as PDF, each with a code by which anybody can check it."""
