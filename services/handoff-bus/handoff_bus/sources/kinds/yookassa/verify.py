"""The first look at a notification: where it came from. It carries no signature; its proof is fetched back."""

from collections.abc import Sequence
from ipaddress import ip_address, ip_network

from handoff_bus.sources.kinds.kind import BadSignature
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.yookassa.settings import YooKassaSettings


def verify(request: RawRequest, _: Sequence[bytes], settings: YooKassaSettings) -> None:
    """Refuses a sender outside of the listed networks, if there are any. Raises BadSignature."""
    if not settings.networks:
        return
    try:
        sender = ip_address(request.sender or "")
    except ValueError:
        raise BadSignature from None
    networks = [ip_network(network) for network in settings.networks]
    if not any(sender.version == network.version and sender in network for network in networks):
        raise BadSignature
