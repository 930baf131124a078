"""Each selection of each service on its real tables, as the service's own role; most are good SQL or nothing."""

import json
from uuid import UUID

import pytest

from conveyor.disclosing.disclose import disclose
from conveyor.disclosing.messages import OPERATIONS
from conveyor.erasing.subjects import Subject, SubjectKind
from conveyor.kit.clock import SystemClock
from conveyor.kit.database import Database
from conveyor.kit.http.pagination import InvalidCursor, PageRequest
from conveyor.kit.ids import new_id
from conveyor.kit.refusals import NotFound
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


@pytest.mark.parametrize("service", KEPT)
def test_the_trail_knows_disclosures_by_the_names_of_their_operations(service: str) -> None:
    document = json.loads((CHECKOUT / "docs" / "api" / f"{service}.json").read_text(encoding="utf-8"))
    told = [verbs["get"]["operationId"] for path, verbs in document["paths"].items() if "/personal-data/" in path]

    assert sorted(told) == sorted(OPERATIONS)
