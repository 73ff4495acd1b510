"""The permit itself: its number, validity, card, hand-over, loss, end and history. One record, many forms.

Law: 国办发〔2018〕81号 arts. 3, 6, 9, 10; facts.md D10, D25.
"""
