"""The rights, services and conveniences of a permit, the departments that owe them, and where permits are received.

Law: 国办发〔2018〕81号 arts. 11–13; 济政办字〔2019〕25号 parts 3–4 and annex (S2-20…S2-62).
"""
