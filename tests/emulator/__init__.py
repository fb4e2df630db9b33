"""Tests of the emulator itself: raw calls, other clients, Telegram's own parser."""
