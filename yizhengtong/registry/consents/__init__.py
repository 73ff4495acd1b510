"""What a person agreed to, refused or took back: for each use of their data that rests on consent.

Law: 个人信息保护法 arts. 13–17, 23, 29, 31; 网络数据安全管理条例 art. 22.
Which uses there are is the pack's `consent.uses`.
"""
