"""Devices at a window: one contract for document readers and fingerprint scanners, its client and a simulator."""
