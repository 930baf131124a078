"""Each selection of each service on its real tables, as the service's own role; most are good SQL or nothing."""

import json
from uuid import UUID

import pytest
from sqlalchemy import Executable, delete, insert

from conveyor.disclosing.disclose import disclose
from conveyor.disclosing.messages import OPERATIONS
from conveyor.erasing.subjects import Subject, SubjectKind
from conveyor.kit.clock import SystemClock
from conveyor.kit.database import Database
from conveyor.kit.http.pagination import InvalidCursor, PageRequest
from conveyor.kit.ids import new_id
from conveyor.kit.refusals import NotFound
from telemarketing.leads.tables import LeadReference
from tests.architecture.sources import CHECKOUT
from tests.disclosing.services import KEPT
from tests.servers import FreshDatabase

KINDS: tuple[SubjectKind, ...] = ("lead", "contact", "employee")


@pytest.mark.parametrize("service", KEPT)
async def test_every_selection_runs_and_nobody_is_kept_in_an_empty_database(
    fresh_database: FreshDatabase, service: str
) -> None:
    database = Database(fresh_database(service).app, service=service, clock=SystemClock())
    try:
        for kind in KINDS:
            subject_id: UUID = new_id()
            lead_id = {"lead": subject_id, "contact": new_id(), "employee": None}[kind]
            async with database.reading() as session:
                with pytest.raises(NotFound):
                    await disclose(session, Subject(kind, subject_id, lead_id), KEPT[service][kind], page=PageRequest())
    finally:
        await database.close()


@pytest.mark.parametrize("cursor", ["", "1", "x.", "-1.", "999.", "0.x", "٣.", "0.W10", "1000000000000000000000."])
async def test_a_cursor_that_is_none_is_refused(fresh_database: FreshDatabase, cursor: str) -> None:
    database = Database(fresh_database("account").app, service="account", clock=SystemClock())
    try:
        async with database.reading() as session:
            page = PageRequest(cursor=cursor)
            with pytest.raises(InvalidCursor):
                await disclose(session, Subject("lead", new_id(), new_id()), KEPT["account"]["lead"], page=page)
    finally:
        await database.close()


LEAD_ID = new_id()


def _named(*values: str) -> Executable:
    rows = [{"lead_id": LEAD_ID, "system": "email", "match_key": one, "value": one} for one in values]
    return insert(LeadReference).values(rows)


@pytest.mark.parametrize(
    ("meanwhile", "given"),
    [
        ([_named("a")], ["b", "c", "d", "a"]),
        ([delete(LeadReference).where(LeadReference.value == "b")], ["b", "c", "d"]),
        ([delete(LeadReference), _named("b", "c", "d")], ["b", "b", "c", "d"]),
    ],
    ids=["added", "erased", "written anew"],
)
async def test_names_that_come_or_go_between_two_pages_move_no_other(
    fresh_database: FreshDatabase, meanwhile: list[Executable], given: list[str]
) -> None:
    database = Database(fresh_database("telemarketing").app, service="telemarketing", clock=SystemClock())

    async def write(*statements: Executable) -> None:
        async with database.transaction() as tx:
            for statement in statements:
                await tx.session.execute(statement)
            await tx.commit()

    async def page(cursor: str | None) -> tuple[list[object], str | None]:
        kept, asked = KEPT["telemarketing"]["lead"], PageRequest(limit=1, cursor=cursor)
        async with database.reading() as session:
            parts, following = await disclose(session, Subject("lead", LEAD_ID, LEAD_ID), kept, page=asked)
        return [row.values["value"] for part in parts for row in part.rows], following

    try:
        await write(_named("b", "c", "d"))
        seen, cursor = await page(None)
        await write(*meanwhile)
        while cursor is not None:
            more, cursor = await page(cursor)
            seen += more
        assert seen == given
    finally:
        await database.close()


@pytest.mark.parametrize("service", KEPT)
def test_the_trail_knows_disclosures_by_the_names_of_their_operations(service: str) -> None:
    document = json.loads((CHECKOUT / "docs" / "api" / f"{service}.json").read_text(encoding="utf-8"))
    told = [verbs["get"]["operationId"] for path, verbs in document["paths"].items() if "/personal-data/" in path]

    assert sorted(told) == sorted(OPERATIONS)
