"""Everything that four real services said in a quarter, replayed from their logs into empty books: the same pay."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import asyncpg
import orjson

from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.payouts.freeze_batch import freeze_batch
from conveyor.bonuses.statements.rules import lines_hash
from conveyor.kit.calendar import Month
from conveyor.kit.messaging.events import Event, Listeners
from conveyor.kit.messaging.incoming import Message, read_message
from conveyor_local.department import SERVICES, STAGES, Department
from conveyor_local.random_quarter import random_quarter
from conveyor_local.stack import LocalStack
from conveyor_local.storyteller import Storyteller
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import Books
from tests.bonuses.payroll_office import exported

NewStack = Callable[[], LocalStack]
STORY = random_quarter(7, leads=24)
ROLES: tuple[BonusRole, ...] = ("sdr", "ae", "am")

_LOG = "SELECT stream_seq, subject, body FROM outbox_log"
_STATEMENTS = "SELECT period, employee_id::text, document::text FROM bonus_statements"
# What was posted and reversed live, heard at once, is never posted.
_SUMS = """
    SELECT employee_id::text, component, cause, period, currency, sum(amount_minor)
    FROM bonus_entries GROUP BY 1, 2, 3, 4, 5 HAVING sum(amount_minor) <> 0
"""


async def test_the_same_statements_sums_and_payroll_files(new_stack: NewStack, new_books: NewBooks) -> None:
    stack = new_stack()
    files = await play(stack)
    log = sorted([row for service in SERVICES for row in await rows(stack.database_urls(service).app, _LOG)])
    assert len({seq for seq, _, _ in log}) == len(log)

    for role in ROLES:
        books = await new_books(role)
        await books.hear(heard(log, books.listeners, STAGES[role]), at_once=200)
        urls = (stack.database_urls(STAGES[role]).app, books.database.url)
        played, replayed = [await rows(url, _SUMS) for url in urls]
        assert Counter(map(tuple, replayed)) == Counter(map(tuple, played))
        assert len(played) > len(STORY.months)
        played, replayed = [await rows(url, _STATEMENTS) for url in urls]
        assert said(replayed) == said(played)
        assert {period for period, _, _ in played} == set(STORY.months)
        assert await batches(books) == files[role]


async def play(stack: LocalStack) -> dict[str, list[bytes]]:
    """The quarter with some of the bank's webhooks after the first closing; gives each stage's files."""
    urls = {service: stack.base_url(service) for service in SERVICES}
    files: dict[str, list[bytes]] = {role: [] for role in ROLES}
    async with Department(base_urls=urls, token=stack.token) as department:
        teller = Storyteller(department, STORY)
        money = [hook for hook in STORY.hooks if hook.source == "bank"]
        late = money[::4]
        await teller.open_department()
        await teller.record_steps()
        await teller.push_hooks([hook for hook in STORY.hooks if hook not in late])
        for month in STORY.months:
            await department.rest()
            await department.close_month(month)
            frozen = await department.freeze_batches(month)
            for role, batch in zip(ROLES, frozen, strict=True):
                path = f"/payout-batches/{batch['id']}/export?format=csv"
                files[role].append(await department.ask_bytes(STAGES[role], path, role="payroll"))
            await teller.push_hooks(late)
            late = []
        await department.rest(parked_too=True)
    return files


async def batches(books: Books) -> list[bytes]:
    frozen = [await freeze_batch(books.desk, month=Month.parse(month), actor="payroll") for month in STORY.months]
    return [await exported(books, batch.id) for batch in frozen]


def heard(log: list[Any], listeners: Listeners, service: str) -> list[Event[Any]]:
    messages = (Message(subject=subject, body=body.encode(), stream_seq=seq) for seq, subject, body in log)
    read = (read_message(message, listeners=listeners, service=service) for message in messages)
    return [item.event for item in read if item is not None]


def said(statements: list[Any]) -> dict[tuple[str, str], str]:
    """What each statement says; the ids of entries are new in a new ledger."""
    return {(period, who): lines_hash(orjson.loads(document)) for period, who, document in statements}


async def rows(url: str, query: str) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(query))
    finally:
        await connection.close()
