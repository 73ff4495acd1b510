"""Messages to persons: an inbox in the platform, and SMS and e-mail from an outbox that loses and doubles nothing.

What is told, to whom and by which law is registered by the rooms above (yizhengtong/rights/messages). No document
number, no full name and no link with a token leaves by SMS or stands in a mail's subject (docs/messages.md).
"""
