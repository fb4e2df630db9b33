"""Checks and normal forms of links, by the rules Telegram's client library applies before anything is sent."""

from __future__ import annotations

import ipaddress
import re

_USER_LINK = re.compile(r"tg:(?://)?user/?\?([^#]*)")
_PROTOCOL = re.compile(r"([^:/?#@\[\]]*)://")
_HOST_END = re.compile(r"[/?#]")
_ALLOWED = re.compile(r"(?:[A-Za-z0-9.\-_!$,~*'();&+=]|%[0-9A-Fa-f]{2}|[^\x00-\x7f])*")
_OWN_SCHEMES = (("tg:", "tg"), ("ton:", "ton"), ("tonsite:", "tonsite"))
MAX_PORT = 65535


class BadLinkError(ValueError):
    """The link is refused; the text says why, in Telegram's words."""


def user_of_link(url: str) -> int | None:
    """Return the user's number in `tg://user?id=N`, or None when the link is of another kind."""
    match = _USER_LINK.match(url.lower())
    if match is None:
        return None
    for parameter in match[1].split("&"):
        key, _, value = parameter.partition("=")
        if key == "id":
            return int(value) if re.fullmatch(r"\d{1,18}", value) and int(value) > 0 else None
    return None


def checked_link(link: str, *, https_only: bool = False) -> str:
    """Return the link as Telegram stores it (`e.com` becomes `http://e.com/`).

    Raises: BadLinkError with Telegram's reason.
    """
    own = ""
    lowered = link[:8].lower()
    for prefix, scheme in _OWN_SCHEMES:
        if lowered.startswith(prefix):
            own, link = scheme, link[len(prefix) :]
            link = link.removeprefix("//")
            break
    protocol, userinfo, host, port, query = _split(link)
    if https_only and (protocol != "https" or own):
        raise BadLinkError("Only HTTPS links are allowed")
    if own:
        if link.lower().startswith("http://") or protocol == "https" or userinfo or port or host[:1] == "[":
            raise BadLinkError("Wrong tg URL" if own == "tg" else "Wrong ton URL")
        if not re.fullmatch(r"[A-Za-z0-9\-_.]*" if own == "tonsite" else r"[A-Za-z0-9\-_]*", host):
            raise BadLinkError("Unallowed characters in URL host")
        return f"{own}://{host}{query[1:] if query[1:2] == '?' else query}"
    if "." not in host and host[:1] != "[":
        raise BadLinkError("Wrong HTTP URL")
    return f"{protocol}://{userinfo + '@' if userinfo else ''}{host}{f':{port}' if port else ''}{query}"


def _split(url: str) -> tuple[str, str, str, int, str]:
    protocol = "http"
    if (match := _PROTOCOL.match(url)) is not None:
        protocol = match[1].lower()
        if protocol not in ("http", "https"):
            raise BadLinkError("Unsupported URL protocol")
        url = url[match.end() :]
    end = match.start() if (match := _HOST_END.search(url)) is not None else len(url)
    authority, query = url[:end], url[end:].rstrip(" \t\r\n\0\v")
    authority, port = _split_port(authority)
    userinfo, _, host = authority.rpartition("@")
    if host[:1] == "[" and host[-1:] == "]":
        try:
            ipaddress.IPv6Address(host[1:-1])
        except ValueError:
            raise BadLinkError("Wrong IPv6 address specified in the URL") from None
    if not host:
        raise BadLinkError("URL host is empty")
    if host == ".":
        raise BadLinkError("Host is invalid")
    host = "".join(chr(ord(c) | 0x20) if "A" <= c <= "Z" else c for c in host)
    if host[:1] != "[" or host[-1:] != "]":
        _check_part(host, "host", _ALLOWED)
        _check_part(userinfo.replace(":", ""), "userinfo", _ALLOWED)
    if query[:1] != "/":
        query = "/" + query
    return protocol, userinfo, host, port, re.sub(r"[\x00-\x20]", lambda m: f"%{ord(m[0]):02X}", query)


def _split_port(authority: str) -> tuple[str, int]:
    colon = max(authority.rfind(":"), authority.rfind("]"), authority.rfind("@"))
    if colon <= 0 or authority[colon] != ":":
        return authority, 0
    digits = authority[colon + 1 :]
    if not re.fullmatch(r"0*[0-9]{1,9}", digits) or not 0 < int(digits) <= MAX_PORT:
        raise BadLinkError("Wrong port number specified in the URL")
    return authority[:colon], int(digits)


def _check_part(part: str, name: str, allowed: re.Pattern[str]) -> None:
    match = allowed.match(part)
    end = match.end() if match is not None else 0
    if end == len(part):
        return
    if part[end] == "%":
        raise BadLinkError(f"Wrong percent-encoded symbol in URL {name}")
    raise BadLinkError(f"Disallowed character in URL {name}")
