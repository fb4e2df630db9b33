"""The database: all SQL, row mapping and the unit of work; one module a table group. No rule, no Telegram."""
