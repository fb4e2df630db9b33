"""A member's own corner: the home screen, signing up, language, clock and small choices."""

from dataclasses import replace
from typing import Any

from bot.domain.country import CountryUnknown, country_codes
from bot.domain.member import Member
from bot.domain.profile import GREETED, QUIET_RECEIPTS, Dashboard, was_greeted
from bot.domain.zone import ZoneUnknown, is_zone, zones_of
from bot.i18n import pick_language
from storage import browse, ledger, members, outbox
from storage import profile as figures
from storage.unit import UnitOfWork

WORK_SHOWN = 3


async def get_dashboard(uow: UnitOfWork, *, member: Member) -> Dashboard:
    """Gather what the home screen says."""
    owned = await ledger.balances(uow.tx, member.id)
    found = await figures.get_dashboard_figures(uow.tx, member.id)
    work = await figures.list_work_in_progress(uow.tx, member.id, limit=WORK_SHOWN) if found.in_progress else []
    return Dashboard(
        available=owned.available,
        on_hold=owned.maturing,
        waiting=found.waiting,
        next_review_by_at=found.next_review_by_at,
        reviews=found.reviews,
        in_progress=found.in_progress,
        work=tuple(work),
        best_job=await browse.find_best(uow.tx, member.id),
        funds=owned.funds,
    )


async def greet(uow: UnitOfWork, *, member: Member) -> Member | None:
    """Note that a new member gets the welcome; None when they had it before."""
    return None if was_greeted(member) else await _keep(uow, member, GREETED, True)


async def sign_up(uow: UnitOfWork, *, member: Member, country: str) -> Member:
    """Store country and consent; a clock nobody set yet becomes the country's. Twice changes nothing.

    Raises:
        CountryUnknown: it is no country's code.
    """
    if member.signed_up:
        return member
    if country not in country_codes():
        raise CountryUnknown
    zones = zones_of(country)
    zone = zones[0] if zones and member.time_zone == "UTC" else member.time_zone
    await members.sign_up(uow.tx, member.id, country=country, at=uow.now)
    if zone != member.time_zone:
        await members.set_time_zone(uow.tx, member.id, zone)
    uow.emit("member_signed_up", {"member_id": member.id})
    return replace(member, country=country, terms_at=uow.now, time_zone=zone)


async def set_language(uow: UnitOfWork, *, member: Member, language: str) -> Member:
    """Store the closest language the bot speaks."""
    chosen = pick_language(language)
    await members.set_language(uow.tx, member.id, chosen)
    return replace(member, language=chosen)


async def set_time_zone(uow: UnitOfWork, *, member: Member, zone: str) -> Member:
    """Store a member's time zone.

    Raises:
        ZoneUnknown: there is no such zone.
    """
    if not is_zone(zone):
        raise ZoneUnknown
    await members.set_time_zone(uow.tx, member.id, zone)
    return replace(member, time_zone=zone)


async def set_quiet_receipts(uow: UnitOfWork, *, member: Member, quiet: bool) -> Member:
    """Store whether receipts come without a sound."""
    return await _keep(uow, member, QUIET_RECEIPTS, quiet)


async def set_reachable(uow: UnitOfWork, *, member: Member, reachable: bool) -> None:
    """Note that a member blocked the bot, or let it back in."""
    await members.set_reachable(uow.tx, member.id, reachable=reachable)
    if reachable:
        await outbox.release_parked(uow.tx, member.id, at=uow.now)


async def _keep(uow: UnitOfWork, member: Member, key: str, value: Any) -> Member:
    chosen = replace(member, settings={**member.settings, key: value})
    await members.save_settings(uow.tx, member.id, chosen.settings)
    return chosen
