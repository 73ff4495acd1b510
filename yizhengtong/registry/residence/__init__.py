"""Where a person has lived: registrations with the source of each period, and what they add up to.

Law: 国办发〔2018〕81号 art. 2; 国令663 art. 2; facts.md D4–D6: days are never converted into months.
"""
