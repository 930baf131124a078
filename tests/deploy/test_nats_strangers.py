"""Every user of the broker against every fact and the whole JetStream API: what is not its own is refused."""

from collections.abc import AsyncIterator, Iterator

import nats
import pytest
from nats.aio.client import Client

from conveyor.contracts.registry import FACT_KINDS, SERVICES
from conveyor_local.nats import EmbeddedNats
from conveyor_local.nats_permissions import STREAM, inbox_prefix

# The JetStream API as the server documents it, by what a caller may name.
OF_THE_ACCOUNT = ("INFO", "STREAM.NAMES", "STREAM.LIST", "ACCOUNT.PURGE.CONVEYOR", "META.LEADER.STEPDOWN")
OF_A_STREAM = (
    "STREAM.CREATE.{stream}",
    "STREAM.UPDATE.{stream}",
    "STREAM.DELETE.{stream}",
    "STREAM.PURGE.{stream}",
    "STREAM.SNAPSHOT.{stream}",
    "STREAM.RESTORE.{stream}",
    "STREAM.MSG.GET.{stream}",
    "STREAM.MSG.DELETE.{stream}",
    "STREAM.PEER.REMOVE.{stream}",
    "STREAM.LEADER.STEPDOWN.{stream}",
    "DIRECT.GET.{stream}",
    "DIRECT.GET.{stream}.conveyor.>",
    "CONSUMER.NAMES.{stream}",
    "CONSUMER.LIST.{stream}",
)
OF_A_CONSUMER = (
    "CONSUMER.CREATE.{stream}",
    "CONSUMER.CREATE.{stream}.{consumer}",
    "CONSUMER.CREATE.{stream}.{consumer}.conveyor.>",
    "CONSUMER.DURABLE.CREATE.{stream}.{consumer}",
    "CONSUMER.DELETE.{stream}.{consumer}",
    "CONSUMER.PAUSE.{stream}.{consumer}",
    "CONSUMER.UNPIN.{stream}.{consumer}",
    "CONSUMER.LEADER.STEPDOWN.{stream}.{consumer}",
)
OF_ANOTHERS_CONSUMER = ("CONSUMER.MSG.NEXT.{stream}.{consumer}", "CONSUMER.INFO.{stream}.{consumer}")
# The bus shows how far every service is and what a dead letter held (decisions 0032 and 0033); it may change neither.
SEEN_BY_THE_BUS = frozenset(
    {f"$JS.API.DIRECT.GET.{STREAM}", *(f"$JS.API.CONSUMER.INFO.{STREAM}.{service}" for service in SERVICES)}
)
BESIDE = ("$SYS.REQ.SERVER.PING", "$SYS.ACCOUNT.CONVEYOR.CLAIMS.UPDATE", "$JSC.R.x", "$NRG.x", "elsewhere", "_INBOX.x")


def facts_of(service: str, *, own: bool) -> list[str]:
    """The subjects of all facts that a service says (or that others say), with a key."""
    return [f"{kind.type_for(owner)}.key" for kind in FACT_KINDS for owner in kind.owners if (owner == service) is own]


def forbidden(service: str) -> Iterator[str]:
    """Everything that a service may not send to."""
    yield from facts_of(service, own=False)
    yield from BESIDE
    yield from (f"$JS.API.{name}" for name in OF_THE_ACCOUNT)
    yield from (f"$JS.API.{name.format(stream=STREAM)}" for name in OF_A_STREAM)
    for other in SERVICES:
        yield from (f"$JS.API.{name.format(stream=STREAM, consumer=other)}" for name in OF_A_CONSUMER)
        if other != service:
            yield from (f"$JS.API.{name.format(stream=STREAM, consumer=other)}" for name in OF_ANOTHERS_CONSUMER)
            yield from (f"$JS.API.DIRECT.GET.{STREAM}.{subject}" for subject in facts_of(other, own=True))
            yield f"$JS.ACK.{STREAM}.{other}.1.1.1.1.0"
            yield f"$JS.ACK._.hash.{STREAM}.{other}.1.1.1.1.0"
            yield f"{inbox_prefix(other)}.guess"


class Violations:
    """A connection that remembers what the server refused."""

    def __init__(self, client: Client, told: list[str]) -> None:
        self.client = client
        self.told = told

    async def heard(self, subject: str, *, of: str) -> bool:
        """Whether the server named this subject; its answer comes before that to the pings."""
        await self.client.flush(timeout=10)
        await self.client.flush(timeout=10)
        wanted = f'permissions violation for {of} to "{subject}"'.lower()
        return any(wanted in one.lower() for one in self.told)


@pytest.fixture(params=SERVICES)
async def intruder(request: pytest.FixtureRequest, nats_server: EmbeddedNats) -> AsyncIterator[tuple[str, Violations]]:
    service: str = request.param
    told: list[str] = []

    async def note(error: Exception) -> None:
        told.append(str(error))

    client = await nats.connect(
        nats_server.url,
        user=service,
        password=nats_server.password_of(service),
        inbox_prefix=inbox_prefix(service),
        error_cb=note,
    )
    yield service, Violations(client, told)
    await client.close()


async def test_sends_nothing_that_is_not_its_own(intruder: tuple[str, Violations]) -> None:
    service, link = intruder
    subjects = sorted(set(forbidden(service)) - (SEEN_BY_THE_BUS if service == "handoff-bus" else frozenset()))
    for subject in subjects:
        await link.client.publish(subject, b"")

    assert len(subjects) > 100
    assert [subject for subject in subjects if not await link.heard(subject, of="publish")] == []


async def test_may_say_all_its_own_facts(intruder: tuple[str, Violations]) -> None:
    service, link = intruder
    for subject in facts_of(service, own=True):
        await link.client.publish(subject, b"")
    await link.client.flush(timeout=10)

    assert facts_of(service, own=True)
    assert link.told == []


async def test_hears_nothing_but_its_own_inbox(intruder: tuple[str, Violations]) -> None:
    service, link = intruder
    subjects = [">", "conveyor.>", "$SYS.>", "$JS.>", "$JS.EVENT.>", "_INBOX.>", "*.>", f"conveyor.{service}.>"]
    subjects += [f"{inbox_prefix(other)}.>" for other in SERVICES if other != service]
    subjects += [subject for other in SERVICES for subject in facts_of(other, own=True)]
    for subject in subjects:
        await link.client.subscribe(subject)

    assert [subject for subject in subjects if not await link.heard(subject, of="subscription")] == []
