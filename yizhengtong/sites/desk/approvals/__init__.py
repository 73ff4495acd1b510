"""Approvals to open a minor's record, given or refused by a supervisor."""
