"""`make demo`: the golden quarter on a running Conveyor (or a throwaway one), told and shown in the terminal."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from conveyor_local.department import SERVICES, STAGES, Department
from conveyor_local.golden_quarter import EXPECTED, golden_quarter
from conveyor_local.stack import LocalStack
from conveyor_local.storyteller import Storyteller

_QUESTIONS: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    (
        "Why did Anna get 9,000.00 for the client's payments in September?",
        "Anna",
        "2025-09",
        {"component": "client_paid"},
    ),
    ("Why did Boris lose 5,000.00 in November?", "Boris", "2025-11", {"component": "first_payment"}),
    ("Why did Vera get nothing for payment P1?", "Vera", "2025-09", {"payment_id": "P1"}),
    ("Why was Anna's meeting with Lutik not paid?", "Anna", "2025-09", {"component": "meeting_booked", "lead": "L2"}),
)


def play_demo(home: Path, console: Console) -> int:
    """Play the story; 0 when every figure came out as worked, 1 otherwise."""
    with _system(home, console) as stack:
        return asyncio.run(_play(stack, console))


@contextmanager
def _system(home: Path, console: Console) -> Iterator[LocalStack]:
    running = LocalStack(home)
    if all(_answers(running.base_url(service)) for service in SERVICES):
        console.print(f"Conveyor is running; playing on it ({running.base_url('handoff-bus')} …).")
        yield running
        return
    console.print("Conveyor is not running; starting a throwaway one …")
    with tempfile.TemporaryDirectory(prefix="conveyor-demo-") as folder:
        stack = LocalStack.throwaway(Path(folder))
        try:
            stack.start()
            yield stack
        finally:
            stack.stop()


def _answers(base_url: str) -> bool:
    try:
        return httpx2.get(f"{base_url}/healthz", timeout=1.0, trust_env=False).is_success
    except httpx2.HTTPError:
        return False


async def _play(stack: LocalStack, console: Console) -> int:
    urls = {service: stack.base_url(service) for service in SERVICES}
    async with Department(base_urls=urls, token=stack.token) as department:
        if await _was_played(department):
            console.print(
                "The golden quarter was already played here. Stop Conveyor, or `make clean`, to play it again."
            )
            return 1
        teller = await _tell(department, console)
        as_worked = await _show_earnings(teller, console)
        await _pay(teller, console)
        await _explain(teller, console)
    return 0 if as_worked else 1


async def _was_played(department: Department) -> bool:
    employees = await department.ask("handoff-bus", "/employees?limit=200", role="admin")
    return any(employee["payroll_number"] == "0101" for employee in employees["items"])


async def _tell(department: Department, console: Console) -> Storyteller:
    story = golden_quarter()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("Four months of work", total=len(story.steps) + len(story.hooks))
        teller = Storyteller(department, story, told=lambda: progress.advance(task))
        await teller.open_department()
        await teller.record_steps()
        await teller.push_hooks(story.hooks)
        await department.rest(parked_too=True)
    return teller


async def _show_earnings(teller: Storyteller, console: Console) -> bool:
    table = Table(title="Who earned what (RUB, before closing)")
    table.add_column("month")
    for person in teller.story.people:
        table.add_column(f"{person.name} ({person.role.upper()})", justify="right")
    as_worked = True
    for month in teller.story.months:
        totals = await teller.totals(month)
        as_worked = as_worked and totals == EXPECTED[month]
        table.add_row(month, *totals.values())
    console.print(table)
    console.print(
        "[green]As in the worked example, to the kopeck.[/]" if as_worked else "[red]Not as in the worked example![/]"
    )
    return as_worked


async def _pay(teller: Storyteller, console: Console) -> None:
    for month in teller.story.months:
        await teller.department.rest()
        await teller.department.close_month(month)
        await teller.department.freeze_batches(month)
        file = await teller.department.payroll_file(month)
        console.rule(f"Payroll file of {month}, as payroll pulls it")
        console.print(file.decode(), soft_wrap=True, highlight=False, markup=False)


async def _explain(teller: Storyteller, console: Console) -> None:
    roles = {person.name: person.role for person in teller.story.people}
    for question, name, month, details in _QUESTIONS:
        query = {"employee_id": teller.employee_ids[name], "period": month}
        query |= {key: value for key, value in details.items() if key != "lead"}
        if "lead" in details:
            query["lead_id"] = teller.lead_ids[details["lead"]]
        text = "&".join(f"{key}={value}" for key, value in query.items())
        answer = await teller.department.ask(STAGES[roles[name]], f"/bonuses/why?{text}")
        console.print(Panel(_in_words(answer), title=question, title_align="left"))


def _in_words(answer: dict[str, list[dict[str, str]]]) -> str:
    words = [item["text"] for items in ("lines", "absences") for item in answer.get(items, [])]
    return "\n".join(words) or "Nothing to explain."
