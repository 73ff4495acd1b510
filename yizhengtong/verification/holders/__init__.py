"""The holder's side of checks: every check of one's permit, alerts by choice, “this was not me”, what one lets happen.

It serves 个人信息保护法 arts. 44, 45 and 50: to know who was told what, and to have an answer in a time that is named.
"""
