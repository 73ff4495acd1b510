"""What the packs say to somebody who has not applied yet: every item of a place in words, and when one would qualify.

Pure readings of a law: nothing is stored, nobody is known. Pages and API show the same.
"""
