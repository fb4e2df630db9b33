"""The emulator's page, driven by a real browser against the real emulator and a small sample bot."""
