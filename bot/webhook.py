"""What Telegram is told of a webhook: set it, see that it stays set, delete it. The requests come in at bot/web.py.

A webhook that is gone (a poller deletes it when it starts) is set again; one that leads elsewhere is left alone: the
process that started last has the say, or two of them would set it to and fro.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog
from cryptography import x509
from cryptography.exceptions import InvalidSignature

from bot.settings import BadConfiguration, Webhook
from bot.transport import ApiError, Transport, Unreachable

log = structlog.get_logger()

#: Requests at once that Telegram is asked for (its own default; it allows 100).
MAX_CONNECTIONS = 40
WATCH_SECONDS = 20.0
AGAIN_SECONDS = 0.2
PAUSE_LONGEST = 30.0


class NotAccepted(Exception):
    """Telegram does not take this address."""


async def keep_webhook(transport: Transport, hook: Webhook, *, allowed_updates: Sequence[str]) -> None:
    """Have updates brought to the webhook, and look that it goes on; until cancelled.

    Raises:
        NotAccepted: Telegram does not take the address.
        ApiError: 401 or 404: the token is wrong or was revoked.
    """
    params = {
        "url": hook.url,
        "secret_token": hook.secret,
        "max_connections": MAX_CONNECTIONS,
        "allowed_updates": list(allowed_updates),
    }
    shown = hook.certificate is not None and is_self_signed(hook.certificate)
    files = {"certificate": hook.certificate} if shown and hook.certificate is not None else {}
    is_set, noted, pause = False, 0, 1.0
    while True:
        try:
            if not is_set:
                await transport.call("setWebhook", params, files=files)
                is_set = True
                log.info("webhook_set", connections=MAX_CONNECTIONS, certificate=shown)
            info = await transport.call("getWebhookInfo", {})
            noted = _tell_trouble(info, noted)
            pause = WATCH_SECONDS
            if not info.get("url"):
                log.error("webhook_gone", hint="somebody deleted it: is there a second process, one that polls?")
                is_set, pause = False, AGAIN_SECONDS
            elif info["url"] != hook.url:
                log.error("webhook_elsewhere", hint="a process with another WEBHOOK_URL has been started")
            await asyncio.sleep(pause)
            pause = 1.0
            continue
        except ApiError as error:
            if error.code in (401, 404):
                raise
            if error.code == 400 and error.method == "setWebhook":
                raise NotAccepted(error.description) from None
            log.warning("webhook_refused", error=error.description, code=error.code)
            pause = error.retry_after or pause
        except Unreachable as error:
            log.warning("telegram_away", error=str(error), pause=pause)
        await asyncio.sleep(pause)
        pause = min(pause * 2, PAUSE_LONGEST)


def _tell_trouble(info: dict[str, Any], noted: int) -> int:
    """Log what Telegram could not bring, once; gives its time."""
    at = int(info.get("last_error_date", 0))
    if at > noted:
        waiting = info.get("pending_update_count", 0)
        log.warning("webhook_trouble", error=info.get("last_error_message", ""), at=at, waiting=waiting)
    return max(at, noted)


async def delete_webhook(transport: Transport) -> bool:
    """Delete a webhook if one is set, and say whether there was; the updates that wait stay.

    Raises:
        ApiError, Unreachable: Telegram can't be asked.
    """
    if not (await transport.call("getWebhookInfo", {})).get("url"):
        return False
    await transport.call("deleteWebhook", {"drop_pending_updates": False})
    log.info("webhook_deleted")
    return True


def is_self_signed(certificate: Path) -> bool:
    """Whether a certificate has to be shown to Telegram beforehand, because nobody it knows has signed it.

    Raises:
        BadConfiguration: the file holds no certificate.
    """
    try:
        first = x509.load_pem_x509_certificate(certificate.read_bytes())
    except (OSError, ValueError) as error:
        raise BadConfiguration(f"WEBHOOK_CERTIFICATE: {certificate} can't be read ({type(error).__name__})") from None
    try:
        first.verify_directly_issued_by(first)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
