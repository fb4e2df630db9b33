"""The environment as one frozen value. Read only by app.py and __main__.py; everything else is passed what it needs."""

import re
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

from babel.core import UnknownLocaleError
from babel.numbers import list_currencies
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.domain.money import UNIT
from storage.database import engine_of

TOKEN = re.compile(r"\d{5,15}:[A-Za-z0-9_-]{30,64}", re.ASCII)


class BadConfiguration(Exception):
    """One clear line that names the variable."""


class Settings(BaseSettings):
    """Every variable of `.env.example`, checked."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    bot_token: SecretStr = SecretStr("")
    telegram_api_url: str = "https://api.telegram.org"
    database_url: str = "sqlite:///data/bot.db"
    data_dir: Path = Path("data")
    lease_seconds: float = Field(default=6.0, ge=1, le=300)
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

    @field_validator("terms_file", "privacy_file", mode="before")
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
