"""One person, many numbers: who somebody is, the documents they hold, who may act for them.

Law: 国办发〔2018〕81号 arts. 2, 3, 8, 19; facts.md D3 (guardians and proxies by pack).
"""
