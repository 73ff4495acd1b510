"""Trying whether the platform survives: journeys run while its processes are killed, its disks fill, its clock jumps.

A ledger outside the platform, on the disk before anything else is sent, records what was acknowledged. At the end every
acknowledged effect must be there exactly once, and nothing half. `make faults`; docs/faults.md.
"""
