"""What is provided to data platforms, on which basis, and when it reached them (S4-15; 个人信息保护法 art. 23).

The exchange carries; this room says what an event of a permit tells, and who may look at and turn the destinations.
"""
