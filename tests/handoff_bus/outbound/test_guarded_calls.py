"""Where the bus may call: addresses as they are written, as they resolve, and when a name changes its meaning."""

import asyncio
import ssl
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from handoff_bus.outbound.client import Call, OutboundClient, Unanswered
from handoff_bus.outbound.rules import may_call, url_error
from tests.handoff_bus.bus_at_work import NOW, BusAtWork
from tests.handoff_bus.outbound.receivers import Receiver, dispatches, payment, sender_of, subscribe

PUBLIC_ONLY = [
    "http://hooks.example.com/",
    "https://hooks.example.com:8443/",
    "https://127.0.0.1/",
    "https://10.1.2.3/",
    "https://100.64.0.1/",
    "https://[::1]/",
    "https://[fd12::1]/",
    "https://localhost/",
]
NEVER = [
    "",
    "hooks.example.com",
    "file:///etc/passwd",
    "gopher://hooks.example.com/",
    "https://",
    "https://user@hooks.example.com/",
    "https://hooks.example.com/#part",
    "https://hooks.example.com:99999/",
    "https://hooks.example.com/\r\nx: y",
    "https://hooks.example.com\\@inside.example/",
    "https://bücher.example/",
    "https://localhost./",
    "https://2130706433/",
    "https://0x7f.0.0.1/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://0.0.0.0/",
    "https://169.254.169.254/",
    "https://[::ffff:127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[fe80::1]/",
    "https://" + "a" * 64 + ".example/",
    "https://hooks.example.com/" + "a" * 500,
]


@pytest.mark.parametrize("url", NEVER)
def test_addresses_that_are_never_called(url: str) -> None:
    assert url_error(url, private_allowed=False)
    assert url_error(url, private_allowed=True)


@pytest.mark.parametrize("url", PUBLIC_ONLY)
def test_addresses_that_only_the_own_house_calls(url: str) -> None:
    assert url_error(url, private_allowed=False)
    assert url_error(url, private_allowed=True) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/a?b=c",
        "https://xn--bcher-kva.example:443/",
        "https://8.8.8.8/",
        "https://[2606:4700::1111]/",
    ],
)
def test_addresses_of_the_internet(url: str) -> None:
    assert url_error(url, private_allowed=False) is None


@pytest.mark.parametrize(
    "address",
    [
        *("169.254.169.254", "100.100.100.200", "168.63.129.16", "fd00:ec2::254", "0.0.0.1", "224.0.0.1", "240.0.0.1"),
        *(
            "255.255.255.255",
            "192.0.0.8",
            "::",
            "::ffff:10.0.0.1",
            "::7f00:1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "ff02::1",
        ),
        *("fe80::1%eth0", "fec0::1", "2001::1", "no address"),
    ],
)
def test_network_addresses_that_stay_closed_whatever_is_set(address: str) -> None:
    assert not may_call(address, private_allowed=True)


async def _trouble(client: OutboundClient, url: str) -> str:
    with pytest.raises(Unanswered) as refused:
        await client.send(Call("POST", url, b"{}"))
    return refused.value.trouble


async def test_a_name_is_refused_if_any_of_its_addresses_is_private() -> None:
    async def resolve(host: str, _: int) -> Sequence[str]:
        return {"mixed.example": ["8.8.8.8", "10.0.0.1"], "inside.example": ["127.0.0.1"], "none.example": []}[host]

    async with OutboundClient(private_allowed=False, resolve=resolve) as client:
        assert await _trouble(client, "https://mixed.example/") == "not_allowed"
        assert await _trouble(client, "https://inside.example/") == "not_allowed"
        assert await _trouble(client, "https://none.example/") == "unreachable"
        assert await _trouble(client, "http://mixed.example/") == "not_allowed"


async def test_the_connection_goes_to_the_address_that_was_judged(receiver: Receiver) -> None:
    """DNS rebinding: the name means another address when it is asked again, and is not asked again."""
    asked = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        asked.append((host, port))
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    port = int(receiver.url.rpartition(":")[2])
    async with OutboundClient(private_allowed=True, resolve=resolve) as client:
        answer = await client.send(Call("POST", f"http://rebound.example:{port}/hook", b"{}"))
        assert (answer.status, answer.body) == (200, b"thanks")
        assert asked == [("rebound.example", port)]
        assert receiver.received[0].headers["host"] == f"rebound.example:{port}"
        assert await _trouble(client, f"http://rebound.example:{port}/hook") == "not_allowed"
    assert len(receiver.received) == 1


async def test_the_next_address_is_tried_when_one_is_out_of_reach(receiver: Receiver) -> None:
    async def resolve(_: str, __: int) -> Sequence[str]:
        return ["127.0.0.2", "127.0.0.1"]

    port = int(receiver.url.rpartition(":")[2])
    async with OutboundClient(private_allowed=True, resolve=resolve) as client:
        assert (await client.send(Call("PATCH", f"http://two.example:{port}/", b"{}"))).is_good


async def test_tls_asks_for_the_name_and_trusts_no_stranger(tmp_path: Path) -> None:
    named = []
    context = _certified(tmp_path, "named.example")
    context.sni_callback = lambda _, name, __: named.append(name)

    async def resolve(_: str, __: int) -> Sequence[str]:
        return ["127.0.0.1"]

    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    async with server, OutboundClient(private_allowed=True, resolve=resolve) as client:
        port = server.sockets[0].getsockname()[1]
        assert await _trouble(client, f"https://named.example:{port}/") == "unreachable"
    assert named == ["named.example"]


def _certified(folder: Path, name: str) -> ssl.SSLContext:
    """A server with a certificate that it made itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=3650))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


async def test_a_refused_address_stands_in_the_log_and_counts_as_a_failure(bus: BusAtWork, receiver: Receiver) -> None:
    made = await subscribe(bus, receiver.url)
    await bus.hear(payment())
    await sender_of(bus, private_allowed=False).send_due()
    seen = await bus.read(f"/dispatches/{(await dispatches(bus))[0]['id']}", who="admin")
    assert (seen["state"], seen["log"][0]["outcome"], seen["log"][0]["status"]) == ("pending", "not_allowed", None)
    assert "https" in seen["log"][0]["detail"]
    assert receiver.received == []
    failing = (await bus.read(f"/subscriptions/{made['id']}", who="admin"))["failing_since"]
    assert failing == NOW.isoformat().replace("+00:00", "Z")
