"""Telegram, both directions: updates become calls of services, cards and notices become messages.

`features.py` lists the features in their order; importing this package alone imports none of them.
"""
