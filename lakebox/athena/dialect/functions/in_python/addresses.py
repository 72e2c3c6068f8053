"""IP addresses and networks."""

import ipaddress
from functools import cache


def address(text: str) -> str:
    """An address in its shortest form; one of IPv4 within IPv6 is of IPv4."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        raise ValueError(f"Cannot cast value to IPADDRESS: {text}") from None
    return str(getattr(found, "ipv4_mapped", None) or found)


def address_or_none(text: str) -> str | None:
    """An address in its shortest form; None where the text is none."""
    try:
        return address(text)
    except ValueError:
        return None


def is_within(network: str, text: str) -> bool:
    """Whether an address is of a network such as 10.0.0.0/8."""
    found, place = _network(network), ipaddress.ip_address(text)
    if found.version == 6 and place.version == 4:
        place = ipaddress.ip_address(f"::ffff:{text}")
    return place in found


@cache
def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        if "/" in text:
            return ipaddress.ip_network(text, strict=False)
    except ValueError:
        pass
    raise ValueError(f"Invalid CIDR: {text}; write 10.0.0.0/8")
