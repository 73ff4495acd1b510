"""One person, two numbers (双证关联): travel permit and residence permit linked with proof and consent.

A link holds proof and consent over two numbers that the register keeps; it stores neither. Law: 个人信息保护法 arts.
13, 23; the National Immigration Administration's own 双证关联核验服务 (since 2025-03-20) publishes no format (N).
"""
