"""What it looks like: records in, a Card out; no storage, no service, no sending."""
