"""Checking a permit: bound to a purpose, answered with the least that serves it, kept for the holder.

Law: 国办发〔2018〕81号 art. 11 (the permit proves identity; nobody may refuse it);
个人信息保护法 art. 6; S1-014, S1-097.
"""
