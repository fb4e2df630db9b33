"""A whole database into another one: moving up, backups of a server."""
