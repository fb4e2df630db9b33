"""The micro-task bot: the files here start and connect things; rules, use cases and screens live below."""
