"""Share codes: the holder gives a code for a purpose, and whoever was given it sees just what that needs.

Also what a relying party reads by API off the holder's phone or paper. Law: 个人信息保护法 arts. 6, 14, 23: least data,
told by the holder's own will, to whom and for what the holder knows.
"""
