"""A person's rights over their own data: who looked, objections, corrections, deletion, export, explanation; breaches.

Law: 个人信息保护法 arts. 24, 44–50, 57; 网络数据安全管理条例 arts. 10–12, 21–25; 未成年人网络保护条例 arts. 34–35;
国家网络安全事件报告管理办法. The numbers are the packs' (subject `privacy`).
"""
