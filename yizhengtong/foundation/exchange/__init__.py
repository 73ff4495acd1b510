"""What leaves the platform for other platforms: events of the rooms above as CloudEvents, signed, ordered per person.

At least once, never doubled after an acknowledgement was recorded. What an event tells is given by the room that owns
it (`contents.provide`). The forms and the receiver need no Django (docs/exchange.md).
"""
