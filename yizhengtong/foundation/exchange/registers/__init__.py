"""Registers of other authorities, asked one question about one person: social insurance, licences, leases and others.

One contract (`contract`), two ways to fulfil it: files that an authority hands over (`files`), and its own service
(`services`). What a register confirms is not asked of the applicant (国务院令第716号 art. 7); docs/registers.md.
"""
