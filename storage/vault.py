"""Secrets at rest: payout destinations are encrypted with a key that is kept outside the database.

The same key file gives the fingerprints by which equal destinations are found without being readable.
"""

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken


class WrongKey(Exception):
    """The key file is not the one this was encrypted with, or not a key file at all."""


@dataclass(frozen=True, slots=True, repr=False)
class Vault:
    """Encrypt, decrypt and fingerprint with one key."""

    _fernet: Fernet
    _mark: bytes

    @classmethod
    def of(cls, key: bytes) -> "Vault":
        """Make a vault of a key: 32 bytes in url-safe base64.

        Raises:
            WrongKey: it is not such a key.
        """
        try:
            fernet = Fernet(key)
            secret = base64.urlsafe_b64decode(key)
        except ValueError as error:
            raise WrongKey("the key file does not hold a key") from error
        return cls(fernet, hmac.new(secret, b"destination fingerprints", hashlib.sha256).digest())

    @classmethod
    def open(cls, path: Path) -> "Vault":
        """Open the key file; the first start makes one that only its owner can read.

        Raises:
            WrongKey: the file does not hold a key.
        """
        try:
            return cls.of(path.read_bytes().strip())
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
        key = Fernet.generate_key()
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(key + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return cls.of(key)

    def encrypt(self, text: str) -> str:
        """Give the text so that only this key can read it."""
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def decrypt(self, token: str) -> str:
        """Give the text back.

        Raises:
            WrongKey: it was encrypted with another key, or changed.
        """
        try:
            return self._fernet.decrypt(token.encode("ascii")).decode()
        except (InvalidToken, ValueError) as error:
            raise WrongKey("this was encrypted with another key") from error

    def fingerprint(self, text: str) -> str:
        """Give the same mark for the same text, from which the text can't be guessed without the key."""
        return hmac.new(self._mark, text.encode(), hashlib.sha256).hexdigest()
