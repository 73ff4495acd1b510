"""Settlement (台湾居民来大陆定居): what is told and confirmed before, the approval notice, and the hand-over to the
household register.

Law: 中国公民往来台湾地区管理办法 ch. 3; 国台办 (S0-T15…36); 居民身份证法 arts. 9, 12, 13. The residence permit, the
settlement permit and the identity card stay three things (S0-T05). docs/adr/0047.
"""
