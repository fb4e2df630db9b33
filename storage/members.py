"""Members: who they are, their language, whether they can be reached."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bot.domain.member import Member
from storage.rows import Row, from_ms_or_none, to_ms
from storage.unit import Tx


def member_of(row: Row) -> Member:
    """Map a row of the members table."""
    return Member(
        id=row["id"],
        telegram_user_id=row["telegram_user_id"] or 0,
        first_name=row["first_name"],
        language=row["language"],
        country=row["country"],
        time_zone=row["time_zone"],
        role=row["role"],
        status=row["status"],
        reachable=bool(row["reachable"]),
        terms_at=from_ms_or_none(row["terms_at"]),
        settings=json.loads(row["settings"]),
    )


async def get_member(tx: Tx, member_id: int) -> Member:
    """Give a member.

    Raises:
        LookupError: there is none with this id.
    """
    row = await tx.one("get_member", id=member_id)
    if row is None:
        raise LookupError(f"member {member_id}")
    return member_of(row)


async def find_member_by_telegram(tx: Tx, telegram_user_id: int) -> Member | None:
    """Give the member behind a Telegram user id, or None."""
    row = await tx.one("find_member_by_telegram", telegram_user_id=telegram_user_id)
    return None if row is None else member_of(row)


async def insert_member(
    tx: Tx, *, telegram_user_id: int, first_name: str, language: str, role: str, at: datetime
) -> Member:
    """Add a person seen for the first time."""
    row = await tx.insert(
        "insert_member",
        telegram_user_id=telegram_user_id,
        first_name=first_name,
        language=language,
        role=role,
        at=to_ms(at),
    )
    return member_of(row)


async def list_operators(tx: Tx) -> list[Member]:
    """List the members who run the marketplace."""
    return [member_of(row) for row in await tx.all("list_operators")]


async def set_operators(tx: Tx, telegram_user_ids: Iterable[int]) -> None:
    """Make exactly these Telegram users operators, as far as they are members."""
    ids = sorted(telegram_user_ids)
    await tx.run("demote_operators_except", telegram_user_ids=json.dumps(ids))
    for telegram_user_id in ids:
        await tx.run("update_member_role", role="operator", telegram_user_id=telegram_user_id)


async def set_reachable(tx: Tx, member_id: int, *, reachable: bool) -> None:
    """Note that a member blocked the bot, or wrote again."""
    await tx.run("update_member_reachable", id=member_id, reachable=int(reachable))


async def mark_seen(tx: Tx, member_id: int, *, first_name: str, at: datetime) -> None:
    """Note that a member wrote: they can be reached, and this is their name now."""
    await tx.run("update_member_seen", id=member_id, first_name=first_name, at=to_ms(at))


async def set_language(tx: Tx, member_id: int, language: str) -> None:
    """Store the language a member chose."""
    await tx.run("update_member_language", id=member_id, language=language)


async def set_time_zone(tx: Tx, member_id: int, time_zone: str) -> None:
    """Store the IANA time zone a member chose."""
    await tx.run("update_member_time_zone", id=member_id, time_zone=time_zone)


async def sign_up(tx: Tx, member_id: int, *, country: str, at: datetime) -> None:
    """Store the country and that the terms were accepted."""
    await tx.run("update_member_sign_up", id=member_id, country=country, at=to_ms(at))


async def save_settings(tx: Tx, member_id: int, settings: dict[str, Any]) -> None:
    """Store a member's small choices (remembered sort, hidden jobs...)."""
    await tx.run("update_member_settings", id=member_id, settings=json.dumps(settings, separators=(",", ":")))
