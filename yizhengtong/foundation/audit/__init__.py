"""Who did or read what, in whose name and for which purpose, written in the act's own transaction.

Law: 个人信息保护法 arts. 51, 54; 未成年人网络保护条例 art. 36; S0-T37 of the seeds (each stage protected).
Rows are only ever inserted: a trigger refuses to change them, or to delete what no signed checkpoint states as expired.
Chained by `sealing`, signed by `signing`, checked by `verifying` and deploy/audit_checker.py (docs/audit.md).
"""
