"""Reading a list line by line: shared with every room that reads lists."""

from yizhengtong.foundation.lists.lines import Line, List, encoding_of, hash_of, open_list

__all__ = ["Line", "List", "encoding_of", "hash_of", "open_list"]
