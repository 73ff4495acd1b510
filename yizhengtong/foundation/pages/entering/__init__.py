"""Signing in and out by pages, second factors and passkeys: what the sites of residents and officers share.

A site names its door (`doors.Door`) and takes its addresses from `addresses.addresses_of(door)`.
"""
