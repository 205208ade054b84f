"""Which addresses may be written down and connected to; looks nothing up, opens nothing."""

import ipaddress
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import SplitResult, urlsplit

from orchestra.core.errors import UpstreamError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MAX_URL_LENGTH: Final = 2048
_WELL_KNOWN_PORTS: Final = 1024
_OPEN_PORTS: Final = frozenset({80, 443})
#: Ports above the well-known ones where something listens that takes any line for a command.
#: Source: the blocked ports of the WHATWG Fetch standard, and common stores and queues.
_OTHER_SERVICES: Final = frozenset(
    {1719, 1720, 1723, 2049, 2375, 2376, 2379, 2380, 3306, 3659, 4045, 4190, 5060, 5061, 5432}
    | {5672, 6000, 6379, 6380, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 9092, 10080}
    | {10250, 11211, 27017}
)
_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_CONTROL: Final = re.compile(r"[\x00-\x20\x7f]")
_MAX_HOST: Final = 253

#: Only addresses in here are the internet's; the rest of IPv6 is somebody's inside or nobody's.
_GLOBAL_V6: Final = ipaddress.IPv6Network("2000::/3")
_CARRIERS: Final = tuple(
    ipaddress.IPv6Network(text)
    for text in ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48")
)
_ISATAP: Final = frozenset({0x00005EFE, 0x02005EFE})
#: Where clouds hand out the credentials of the machine; never, whatever is allowed.
_METADATA: Final = frozenset(
    ipaddress.ip_address(text)
    for text in (
        *("169.254.169.254", "169.254.170.2", "100.100.100.200", "192.0.0.192", "168.63.129.16"),
        *("fd00:ec2::254", "fd20:ce::254"),
    )
)


def check_url(url: str, *, allowed_hosts: frozenset[str] = frozenset()) -> SplitResult:
    """Refuse a URL that no connection should have; looks nothing up.

    A host is a plain name in ASCII or an address in its one usual spelling, so that what was
    checked cannot be read as another host by what connects.

    Args:
        url: Absolute.
        allowed_hosts: Host names that may be asked; empty allows any.

    Raises:
        UpstreamError: Another scheme than http and https, a name or password in it, no host,
            a host in a spelling of its own or that is not allowed, or a port of another
            service.
    """
    _check_text(url)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise refused("is no URL") from error
    if parts.scheme not in ("http", "https"):
        raise refused("must begin with http:// or https://")
    if "@" in parts.netloc:
        raise refused("must hold no name or password")
    host = host_of(parts)
    if allowed_hosts and host not in allowed_hosts:
        raise refused("names a host that this connection does not allow")
    _check_port(port)
    return parts


def host_of(parts: SplitResult) -> str:
    """Return the host of a URL in lower case, without a trailing dot.

    Raises:
        UpstreamError: There is none, or it is spelled in a way that programs read differently.
    """
    host = (parts.hostname or "").removesuffix(".")
    if not host:
        raise refused("must name a host")
    if "[" in parts.netloc:
        return _host_v6(host)
    labels = host.split(".")
    if len(host) > _MAX_HOST or not all(_LABEL.fullmatch(label) for label in labels):
        raise refused("must name a host in plain letters, digits, dots and hyphens")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError as error:
            raise refused("must write an IPv4 address as four plain numbers") from error
    return host


def is_reachable(address: Address, *, networks: Iterable[Network] = ()) -> bool:
    """Return whether an address may be connected to.

    Unspecified, link-local, multicast and reserved addresses never are, nor the ones where
    clouds keep credentials; private and loopback ones only inside an allowed network. An IPv6
    address that carries an IPv4 address is judged by that as well.

    Args:
        address: The address itself, not a name.
        networks: Private networks that are allowed here.
    """
    carried = _carried(address)
    if carried is not None:
        return is_reachable(carried, networks=networks)
    if address in _METADATA or address.is_unspecified or address.is_multicast:
        return False
    if address.is_link_local:
        return False
    if _is_internet(address):
        return True
    if address.is_reserved and not address.is_loopback:
        return False
    return any(address in network for network in networks if network.version == address.version)


def read_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Return networks written as CIDRs, such as ``10.20.0.0/16``.

    Raises:
        ValueError: One of them is no network, or holds every address there is.
    """
    found = []
    for text in texts:
        network = ipaddress.ip_network(text.strip())
        if network.prefixlen == 0:
            raise ValueError(f"{text} allows every address; name the network that is meant")
        found.append(network)
    return tuple(found)


def refused(message: str) -> UpstreamError:
    """Return the error of an address that no connection should have."""
    return UpstreamError(
        f"The address of the connection {message}.", may_retry=False, code="upstream.url_refused"
    )


def _check_text(url: str) -> None:
    # Parsers drop line breaks and tabs, and take a backslash for a slash or not.
    if len(url) > MAX_URL_LENGTH:
        raise refused(f"must be at most {MAX_URL_LENGTH} characters long")
    if _CONTROL.search(url):
        raise refused("must hold no space, line break or control character")
    if not url.isascii() or "\\" in url:
        raise refused("must be written in ASCII without a backslash")
    if "#" in url:
        raise refused("must hold no fragment (#)")


def _check_port(port: int | None) -> None:
    if port is None or port in _OPEN_PORTS:
        return
    if port < _WELL_KNOWN_PORTS or port in _OTHER_SERVICES:
        raise refused("names a port that belongs to another kind of service")


def _host_v6(host: str) -> str:
    if "%" in host:
        raise refused("must name no network interface (%)")
    try:
        return str(ipaddress.IPv6Address(host))
    except ValueError as error:
        raise refused("must name a host") from error


def _is_internet(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and address not in _GLOBAL_V6:
        return False
    return address.is_global


def _carried(address: Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 address leads to, None where it carries none."""
    if isinstance(address, ipaddress.IPv4Address) or int(address) <= 1:
        return None
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    low = int(address) & 0xFFFFFFFF
    is_isatap = (int(address) >> 32) & 0xFFFFFFFF in _ISATAP
    if is_isatap or any(address in carrier for carrier in _CARRIERS):
        return ipaddress.IPv4Address(low)
    return None
