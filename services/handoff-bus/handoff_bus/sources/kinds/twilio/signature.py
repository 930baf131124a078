"""How Twilio signs: base64 HMAC-SHA1 over the address and the parameters. Pure."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.telephony.fields import QUERY_FIELDS_MAX, form_pairs

_PORTS = {"https": 443, "http": 80}


def signatures(request: RawRequest, key: bytes, *, url: str) -> Iterator[bytes]:
    """What the header may hold: Twilio signs the address with or without its default port.

    The parameters follow sorted by name; of a repeated one each value once, sorted. A JSON body is signed by its
    SHA-256 in the query; then no parameters are. Raises UnreadableDelivery, ValueError.
    """
    query = dict(parse_qsl(urlsplit(url).query, max_num_fields=QUERY_FIELDS_MAX))
    stated = query.get("bodySHA256")
    if stated is None:
        said = "".join(f"{name}{value}" for name, value in sorted(set(form_pairs(request.body))))
    elif hmac.compare_digest(stated.encode(), hashlib.sha256(request.body).hexdigest().encode()):
        said = ""
    else:
        return
    for address in _with_and_without_port(url):
        yield base64.b64encode(hmac.digest(key, f"{address}{said}".encode("utf-8", "surrogatepass"), "sha1"))


def _with_and_without_port(url: str) -> list[str]:
    parts = urlsplit(url)
    default = _PORTS.get(parts.scheme)
    if default is None or parts.port not in {None, default}:
        return [url]
    host = parts.netloc.removesuffix(f":{default}")
    return [urlunsplit(parts._replace(netloc=netloc)) for netloc in (host, f"{host}:{default}")]
