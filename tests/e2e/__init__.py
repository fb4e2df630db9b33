"""The whole bot as its user starts it, against the emulator over HTTP, told by the people who use it."""
