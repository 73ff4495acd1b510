"""What a resident fills in and attaches, up to submission; and the conditions that a service item sets.

Law: 国办发〔2018〕81号 arts. 2, 8, 9. Service items are data in the packs; the conditions they name are rules here.
"""
