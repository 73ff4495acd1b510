"""The exit-entry identity platform (S1-048), asked whether number, name and birth date are of one travel document.

One contract (`contract`), two ways to fulfil it: a list that is handed over (`files`), and a service (`remote`). The
number proves nothing here without its name: the platform says "agrees" or "differs", and never what it has instead.
"""
