"""A case from receipt to decision: accept, judge, review, approve or refuse, with three officers and one clock.

Law: 国办发〔2018〕81号 arts. 8–10; S2-12…S2-19, S4-26 of the seeds (three opinions with three dates); D1, D23, D24.
"""
