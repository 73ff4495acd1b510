"""Looking over the work of offices: figures counted beforehand, drafts of the law simulated on the archive.

Nothing here is about one person: counts, and keys of cases as examples.
"""
