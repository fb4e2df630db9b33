"""The use cases: each does one business action inside the unit of work it is given, and never sends."""
