"""Wallets show a permit to a relying party (OpenID4VP 1.0): asked for one purpose, checked here, told once.

Law: 个人信息保护法 art. 6 (the least that serves the purpose), art. 23 (told to another with consent: the wallet asks
its holder each time); 国办发〔2018〕81号 art. 11.
"""
