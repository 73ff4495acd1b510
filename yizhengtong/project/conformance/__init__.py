"""The conformance kit (Q1): whether a form takes the numbers and names that holders of permits really have.

It posts one vector after the other to a small adapter beside the form, and tells which were wrongly refused or accepted
(docs/conformance.md). Every number is made up; the two samples are printed in public notices.
"""
