"""Words every room shares: dates, working days, document numbers, regions, errors, findings.

Standard library only, no clock, no database: whatever is true here is true without a deployment.
"""
