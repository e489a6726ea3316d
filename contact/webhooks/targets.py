"""Where a webhook may lead: public addresses by https, unless the operator says more.

Names are looked up when a connection is opened, and the address that was judged is the
one that is connected to: a name cannot change its mind in between.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from core.errors import one_field

LONGEST = 500
TRANSLATED = IPv6Network("64:ff9b::/96")  # NAT64: the last 32 bits are IPv4
COMPATIBLE = IPv6Network("::/96")  # long given up; nothing public is there
PORTS = {"http": 80, "https": 443}

Address = IPv4Address | IPv6Address


class NotAllowed(Exception):
    """The name leads to an address that is not public."""


def parse(url: str, *, anywhere: bool, field: str = "url") -> Url:
    """The address in its parts, or ``Invalid``; ``anywhere``: http is taken too.

    ``field`` is what the error names.
    """
    try:
        parts = parse_url(url)
    except LocationParseError as error:
        raise one_field(field, "is not a web address") from error
    if parts.scheme not in (("https", "http") if anywhere else ("https",)):
        raise one_field(field, "must begin with https://")
    if not parts.host or parts.auth is not None or parts.fragment is not None:
        raise one_field(field, "needs a host, and neither a password nor a #fragment")
    if len(url) > LONGEST:
        raise one_field(field, f"has at most {LONGEST} characters")
    literal = _literal(parts.host)
    if literal is not None and not (anywhere or is_public(literal)):
        raise one_field(field, "must not lead into a private network")
    return parts


def port(url: Url) -> int:
    """The port that is connected to."""
    return url.port or PORTS[url.scheme or "https"]


def resolve(url: Url, *, anywhere: bool) -> str:
    """The address to connect to; ``NotAllowed`` where any that the name has is private.

    ``OSError`` where the name is not known.
    """
    assert url.host is not None
    host = url.host.strip("[]")
    found = socket.getaddrinfo(host, port(url), type=socket.SOCK_STREAM)
    addresses = [str(one[4][0]) for one in found]
    if not anywhere and not all(map(is_public, addresses)):
        raise NotAllowed(host)
    return addresses[0]


def is_public(text: str) -> bool:
    """Neither private, loopback, link-local nor reserved, nor hidden ones of these."""
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):
        if address in COMPATIBLE or address.is_site_local:
            return False
        return _is_public(address) and all(map(_is_public, _within(address)))
    return _is_public(address)


def _is_public(address: Address) -> bool:
    mapped = isinstance(address, IPv6Address) and address.ipv4_mapped is not None
    return mapped or (address.is_global and not address.is_multicast)


def _within(address: IPv6Address) -> list[IPv4Address]:
    """The IPv4 addresses that an IPv6 address stands for."""
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in TRANSLATED:
        found.append(IPv4Address(address.packed[-4:]))
    return [one for one in found if one is not None]


def _literal(host: str) -> str | None:
    try:
        return str(ip_address(host.strip("[]").partition("%")[0]))
    except ValueError:
        return None
