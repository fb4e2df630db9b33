"""Telegram, both directions: updates become calls of services, cards and notices become messages."""
