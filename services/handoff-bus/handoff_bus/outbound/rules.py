"""Where the bus may call: what an address on the web may look like, and which network addresses are public. Pure.

Against server-side request forgery (OWASP API7): a name is judged by every address it means, never by its spelling.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

URL_LENGTH_MAX = 500

_CHARACTERS = re.compile(r"[A-Za-z0-9._~:/?\[\]!$&'()*+,;=%-]+")
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
_LOOKS_NUMERIC = re.compile(r"(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$")

_PRIVATE = tuple(
    ip_network(network)
    for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "::1", "fc00::/7")
)
# Where clouds answer with credentials; some of these lie in ranges that are otherwise private or even public.
_METADATA = tuple(
    ip_network(network)
    for network in ("169.254.0.0/16", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16")
)
_NEVER_PUBLIC = tuple(ip_network(network) for network in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16"))
_GLOBAL_UNICAST = ip_network("2000::/3")


def url_error(url: str, *, private_allowed: bool) -> str | None:
    """What is wrong with an address to call, or None.

    Only https on its own port; with `private_allowed` also http, any port and names without a dot.
    """
    if len(url) > URL_LENGTH_MAX or not _CHARACTERS.fullmatch(url):
        return f"must be at most {URL_LENGTH_MAX} printable ASCII characters, without credentials or a fragment"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "is no URL"
    if parts.scheme not in ({"https", "http"} if private_allowed else {"https"}):
        return "must begin with https://"
    if port not in {None, 443} and not private_allowed:
        return "must use port 443"
    return _host_error(host, private_allowed=private_allowed)


def _host_error(host: str, *, private_allowed: bool) -> str | None:
    try:
        literal = ip_address(host)
    except ValueError:
        if not _HOST.fullmatch(host) or _LOOKS_NUMERIC.search(host):
            return "must name a host, or an IP address in its usual form"
        return None if "." in host or private_allowed else "must name a host of the internet"
    return None if may_call(str(literal), private_allowed=private_allowed) else "must not lead into a private network"


def may_call(address: str, *, private_allowed: bool) -> bool:
    """Whether the bus may connect to this network address.

    Never link-local, metadata, multicast, reserved and unspecified ones, nor IPv6 that carries an IPv4 address inside;
    loopback and private ones only with `private_allowed`.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if any(found in network for network in (*_METADATA, *_NEVER_PUBLIC)):
        return False
    if any(found in network for network in _PRIVATE):
        return private_allowed
    return _is_public(found)


def _is_public(found: IPv4Address | IPv6Address) -> bool:
    if isinstance(found, IPv6Address):
        # All of public IPv6 lies here; mapped, compatible and NAT64 forms of IPv4 do not.
        return found in _GLOBAL_UNICAST and found.is_global
    return found.is_global and not found.is_multicast and not found.is_reserved
