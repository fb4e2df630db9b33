"""The methods by which a bot gets its updates and its files, and says who it is."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from bot.emulator.call import Call, Told
from bot.emulator.errors import bad_request, conflict, too_many_requests
from bot.emulator.files import MAX_DOWNLOAD_BYTES, PATH_LIFE_SECONDS
from bot.emulator.params import Json, Upload
from bot.emulator.updates import ALL_KINDS, MAX_LIMIT, MAX_TIMEOUT_SECONDS
from bot.emulator.world import Webhook

WEBHOOK_PORTS = (80, 88, 443, 8443)
MAX_SECRET = 256
MAX_CERTIFICATE_BYTES = 3 << 20
IPV4 = 4
_POLLING_WITH_WEBHOOK = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


async def get_me(call: Call) -> Json:
    """Say who the bot is."""
    return {
        **call.bot.user(),
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def _remember_allowed(call: Call) -> None:
    """Keep the kinds of update the bot asks for; what is no list, or names nothing known, changes nothing."""
    given: Any = call.params.get("allowed_updates")
    if given is None or given == "":
        return
    kinds = call.params.json("allowed_updates", "Can't parse allowed updates JSON object")
    if not isinstance(kinds, list):
        return
    known = [str(kind).lower() for kind in kinds if str(kind).lower() in ALL_KINDS]
    call.bot.queue.allowed = known or None
    call.world.mark("bot", call.bot.id)


async def get_updates(call: Call) -> list[Json]:
    """Answer the updates that wait, or wait for one."""
    if call.bot.webhook.url:
        raise conflict(_POLLING_WITH_WEBHOOK)
    params = call.params
    _remember_allowed(call)
    return await call.bot.queue.get(
        offset=params.integer("offset"),
        limit=params.integer("limit", MAX_LIMIT, low=1, high=MAX_LIMIT),
        timeout_seconds=params.integer("timeout", 0, low=0, high=MAX_TIMEOUT_SECONDS),
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _checked_address(given: str, host: str, *, loopback: bool) -> str:
    """Answer the address updates go to, as far as it is known without asking for the host's name."""
    try:
        address = ipaddress.ip_address(given or host)
    except ValueError:
        if given:
            raise bad_request("bad webhook: Invalid IP address specified") from None
        return "127.0.0.1" if host == "localhost" else ""
    if loopback and address.is_loopback:
        return str(address)
    if address.version != IPV4:
        raise bad_request("bad webhook: IPv6-only addresses are not allowed")
    if not address.is_global:
        raise bad_request(f"bad webhook: IP address {address} is reserved")
    return str(address)


def _checked_webhook(url: str, *, loopback_http: bool) -> str:
    parts = urlsplit(url if "://" in url else f"https://{url}")
    host = parts.hostname or ""
    try:
        port = parts.port
    except ValueError:
        raise bad_request("invalid webhook URL specified") from None
    if not host or parts.scheme not in ("http", "https"):
        raise bad_request("invalid webhook URL specified")
    if loopback_http and _is_loopback(host):
        return parts.geturl()
    if parts.scheme != "https":
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if port is not None and port not in WEBHOOK_PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    return parts.geturl()


async def set_webhook(call: Call) -> Told:
    """Have the updates sent to an address instead; an empty one means none."""
    url = call.params.text("url")
    if not url:
        return await delete_webhook(call)
    if wait := call.limiter.webhook_refusal(call.bot.id, now=call.world.clock.seconds()):
        raise too_many_requests(wait)
    url = _checked_webhook(url, loopback_http=call.world.loopback_webhook)
    secret = call.params.text("secret_token")
    if len(secret) > MAX_SECRET:
        raise bad_request("secret token is too long")
    if not all(c.isascii() and (c.isalnum() or c in "_-") for c in secret):
        raise bad_request("secret token contains unallowed characters")
    given = call.params.text("ip_address")
    address = _checked_address(given, urlsplit(url).hostname or "", loopback=call.world.loopback_webhook)
    certificate = _certificate(call)
    _remember_allowed(call)
    drop = call.params.boolean("drop_pending_updates")
    if drop:
        call.bot.queue.clear()
    connections = call.params.integer("max_connections", 40, low=1, high=100)
    webhook = Webhook(url, secret, connections, address, certificate)
    call.bot.queue.stop_polling("terminated by setWebhook request")
    if not drop and webhook == replace(call.bot.webhook, last_error_at=0, last_error=""):
        call.world.mark("bot", call.bot.id)
        return Told(True, "Webhook is already set")
    call.bot.webhook = webhook
    _webhook_changed(call)
    return Told(True, "Webhook was set")


def _certificate(call: Call) -> str:
    """Read a certificate, which must come as a file; a text is ignored, as Telegram does."""
    given = call.params.get("certificate")
    if isinstance(given, str) and given.startswith("attach://"):
        given = call.params.get(given.removeprefix("attach://"))
    if not isinstance(given, Upload):
        return ""
    if len(given.data) > MAX_CERTIFICATE_BYTES:
        raise bad_request(f"certificate size is too big ({len(given.data)} bytes)")
    pem = given.data.decode("ascii", "replace")
    try:
        ssl.create_default_context(cadata=pem)
    except (ssl.SSLError, ValueError):
        raise bad_request("bad webhook: Failed to set custom certificate file") from None
    return pem


async def delete_webhook(call: Call) -> Told:
    """Go back to polling."""
    if call.params.boolean("drop_pending_updates"):
        call.bot.queue.clear()
    was_set = bool(call.bot.webhook.url)
    call.bot.webhook = Webhook()
    _webhook_changed(call)
    return Told(True, "Webhook was deleted" if was_set else "Webhook is already deleted")


def _webhook_changed(call: Call) -> None:
    call.world.mark("bot", call.bot.id)
    if call.world.webhook_changed is not None:
        call.world.webhook_changed(call.bot)


async def get_webhook_info(call: Call) -> Json:
    """Say where updates go and how many wait."""
    webhook, queue = call.bot.webhook, call.bot.queue
    queue.expire()
    info: Json = {
        "url": webhook.url,
        "has_custom_certificate": bool(webhook.certificate),
        "pending_update_count": len(queue.waiting),
    }
    if webhook.url:
        info["max_connections"] = webhook.max_connections
    if webhook.ip_address:
        info["ip_address"] = webhook.ip_address
    if webhook.last_error:
        info["last_error_date"] = webhook.last_error_at
        info["last_error_message"] = webhook.last_error
    if queue.allowed is not None:
        info["allowed_updates"] = queue.allowed
    return info


async def get_file(call: Call) -> Json:
    """Say where a file can be fetched."""
    file_id = call.params.text("file_id")
    if not file_id:
        raise bad_request("file_id not specified")
    file = call.world.files.find(call.bot.id, file_id)
    if len(file.data) > MAX_DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    file.asked_for = call.world.clock.now() + PATH_LIFE_SECONDS
    if call.world.files.changed is not None:
        call.world.files.changed.add(file.number)
    return {**file.ids(), "file_path": file.path}
