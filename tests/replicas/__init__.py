"""Several processes on one PostgreSQL: kills, failovers, turns, slots and sends."""
