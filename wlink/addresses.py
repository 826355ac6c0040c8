"""Network addresses of those who call."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network


def read(host: str) -> IPv4Address | IPv6Address | None:
    """The address, or None if it is none. How IPv4 looks to a socket that takes both is IPv4."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


@lru_cache(1000)
def counted_as(host: str) -> str:
    """What counts for limits: of IPv6 the half that a provider gives to one customer."""
    address = read(host)
    if address is None:
        return host[:40]
    if address.version == 4:
        return str(address)
    return str(ip_network((address, 64), strict=False).network_address)
