"""The environment as one frozen value. Read only by app.py and __main__.py; everything else is passed what it needs."""

import ipaddress
import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from babel.core import UnknownLocaleError
from babel.numbers import list_currencies
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.domain.money import UNIT
from storage.database import engine_of

TOKEN = re.compile(r"\d{5,15}:[A-Za-z0-9_-]{30,64}", re.ASCII)

#: Letters that have one spelling and nothing after the path: what Telegram posts to is compared with it as it stands.
WEBHOOK = re.compile(r"https?://(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?(/[A-Za-z0-9._~/-]+)")
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}", re.ASCII)
LISTEN = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})", re.ASCII)
#: What a balancer asks; no webhook can have these paths.
HEALTH, READY = "/healthz", "/readyz"


class BadConfiguration(Exception):
    """One clear line that names the variable."""


@dataclass(frozen=True, slots=True)
class Listen:
    """Where to listen; `name` is the variable that says so."""

    name: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Webhook:
    """What Telegram is told of a webhook, and how its requests come in."""

    url: str
    secret: str = field(repr=False)
    listen: Listen
    certificate: Path | None
    key: Path | None

    @property
    def path(self) -> str:
        """Give the path that Telegram posts to."""
        return urlsplit(self.url).path


class Settings(BaseSettings):
    """Every variable of `.env.example`, checked."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    bot_token: SecretStr = SecretStr("")
    telegram_api_url: str = "https://api.telegram.org"
    database_url: str = "sqlite:///data/bot.db"
    data_dir: Path = Path("data")
    lease_seconds: float = Field(default=6.0, ge=1, le=300)
    webhook_url: str = ""
    webhook_secret: SecretStr = SecretStr("")
    webhook_listen: str = "127.0.0.1:8443"
    webhook_certificate: Path | None = None
    webhook_key: Path | None = None
    health_listen: str = ""
    drain_grace: float = Field(default=0, ge=0, le=60)
    operator_ids: Annotated[frozenset[int], NoDecode] = frozenset()
    currency: str = "USD"
    employer_fee_percent: Decimal = Field(default=Decimal(10), ge=0, le=50, decimal_places=2)
    withdrawal_minimum: Decimal = Field(default=Decimal(10), gt=0, le=100_000, decimal_places=4)
    high_pay_minimum: Decimal = Field(default=Decimal(1), gt=0, le=100_000, decimal_places=4)
    send_rate: int = Field(default=28, ge=1, le=1_000_000)
    proof_retention_days: int = Field(default=90, ge=0, le=3650)
    deposit_instructions: str = Field(default="", max_length=1000)
    support_contact: str = Field(default="", max_length=200)
    terms_file: Path | None = None
    privacy_file: Path | None = None
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")

    @field_validator("telegram_api_url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        if not re.fullmatch(r"https?://[^\s/]+(/[^\s]*)?", value):
            raise ValueError("expected an address like https://api.telegram.org")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _is_database(cls, value: str) -> str:
        engine_of(value)
        return value

    @field_validator("webhook_url")
    @classmethod
    def _is_webhook(cls, value: str) -> str:
        if value and not WEBHOOK.fullmatch(value):
            raise ValueError("expected an address like https://bot.example.org/telegram")
        if value and urlsplit(value).path in (HEALTH, READY):
            raise ValueError("this path is what a balancer asks; choose another one")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _is_secret(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not SECRET.fullmatch(value.get_secret_value()):
            raise ValueError("expected 1 to 256 of A-Z, a-z, 0-9, _ and -")
        return value

    @field_validator("webhook_listen", "health_listen")
    @classmethod
    def _is_listen(cls, value: str) -> str:
        found = LISTEN.fullmatch(value)
        if value and (found is None or not 0 < int(found.group(2)) < 65536):
            raise ValueError("expected host:port, as in 127.0.0.1:8443")
        return value

    @field_validator("operator_ids", mode="before")
    @classmethod
    def _are_ids(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        parts = [part.strip() for part in value.split(",") if part.strip()]
        if not all(part.isascii() and part.isdecimal() and len(part) <= 15 for part in parts):
            raise ValueError("expected numeric Telegram ids separated by commas, as in 12345,67890")
        return frozenset(int(part) for part in parts)

    @field_validator("currency")
    @classmethod
    def _is_currency(cls, value: str) -> str:
        try:
            known = list_currencies("en")
        except UnknownLocaleError:  # Babel without its data: nothing to compare with
            known = {value}
        if value not in known:
            raise ValueError("expected a currency code like USD")
        return value

    @field_validator("terms_file", "privacy_file", "webhook_certificate", "webhook_key", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return None if value == "" else value

    def token(self) -> str:
        """Give the bot's token.

        Raises:
            BadConfiguration: it is missing or is no token.
        """
        token = self.bot_token.get_secret_value().strip()
        if not token:
            raise BadConfiguration("BOT_TOKEN is missing: put the token from @BotFather into .env (or try `make demo`)")
        if not TOKEN.fullmatch(token):
            raise BadConfiguration(
                "BOT_TOKEN does not look like a token: it is digits, a colon and about 35 characters"
            )
        return token

    def webhook(self) -> Webhook:
        """Give what `run --webhook` needs.

        Raises:
            BadConfiguration: something of it is missing.
        """
        secret = self.webhook_secret.get_secret_value()
        if not self.webhook_url:
            raise BadConfiguration("WEBHOOK_URL is missing: the https address at which Telegram can reach this bot")
        if self.webhook_url.startswith("http:") and not _is_loopback(self.telegram_api_url):
            raise BadConfiguration("WEBHOOK_URL: Telegram brings updates to https addresses only")
        if not secret:
            raise BadConfiguration(
                "WEBHOOK_SECRET is missing: anybody could bring updates (try `openssl rand -hex 32`)"
            )
        if self.webhook_key is not None and self.webhook_certificate is None:
            raise BadConfiguration("WEBHOOK_CERTIFICATE is missing: a key alone is no TLS")
        listen = listen_of("WEBHOOK_LISTEN", self.webhook_listen or "127.0.0.1:8443")
        return Webhook(self.webhook_url, secret, listen, self.webhook_certificate, self.webhook_key)


def listen_of(name: str, value: str) -> Listen:
    """Read host:port."""
    host, _, port = value.rpartition(":")
    return Listen(name, host.strip("[]"), int(port))


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def units_of(amount: Decimal) -> int:
    """Give a setting's amount in units of 1/10,000."""
    try:
        return int(amount * UNIT)
    except InvalidOperation as error:
        raise BadConfiguration(str(error)) from error


def load_settings(**overrides: Any) -> Settings:
    """Read environment and `.env`.

    Raises:
        BadConfiguration: a variable can't be used; the text names it and never holds a secret.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = str(first["loc"][0]).upper() if first["loc"] else "environment"
        raise BadConfiguration(f"{name}: {first['msg'].removeprefix('Value error, ')}") from None
