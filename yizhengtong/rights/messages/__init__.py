"""What persons are told, when, and by which law: events become messages here.

The kinds and their shipped words are data (kinds.yaml, templates.yaml). Law: 行政许可法 arts. 32, 38 (applied here: I),
个人信息保护法 art. 57, S4-16 of the seeds (短信定制化服务).
"""
