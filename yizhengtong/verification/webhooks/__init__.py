"""Telling relying parties, signed, that the state of a permit changed which they have checked and still may check.

Told is an opaque subscription, a class of state and an instant, and nothing of the person.
Law: 个人信息保护法 arts. 6, 23; 网络数据安全管理条例 art. 12 (records of provision); docs/adr/0068.
"""
