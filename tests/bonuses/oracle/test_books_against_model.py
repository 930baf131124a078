"""Random departments, plans, arrivals and closings: the books of each role on PostgreSQL say what the model says.

The model recomputes everything from everything after each batch and shares no code with the product: `line_oracle.py`.
"""

import ast
import csv
import io
import random
import sys
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text

from conveyor.bonuses.engine.lines import BonusRole
from conveyor.bonuses.ledger.verification import verify_chain
from conveyor.bonuses.payouts.freeze_batch import freeze_batch
from conveyor.bonuses.periods.close_period import close_period
from conveyor.bonuses.plans.documents import PlanDocument
from conveyor.bonuses.plans.standard import STANDARD_PLANS
from conveyor.bonuses.plans.tables import PlanVersion
from conveyor.bonuses.statements.tables import Statement
from conveyor.kit.calendar import Month
from conveyor.kit.money import Money
from tests.bonuses.conftest import NewBooks
from tests.bonuses.department import Books, id_of
from tests.bonuses.oracle.arithmetic import minor
from tests.bonuses.oracle.line_events import booking_causes, events_of, everybody
from tests.bonuses.oracle.line_oracle import LineOracle, NaiveJournal, Sums, Terms
from tests.bonuses.oracle.line_world import MONTHS, PEOPLE_OF, Heard, Told, in_batches, random_story
from tests.bonuses.payroll_office import exported

NAMES = {id_of(name): name for names in PEOPLE_OF.values() for name in names}
LEADS = {id_of(f"L{number}"): f"L{number}" for number in range(3)}
_SUMS = """
    SELECT period, earned_on, component, employee_id, cause, lead_id, sum(amount_minor) FROM bonus_entries
    GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(amount_minor) <> 0
"""


class Case:
    """One random department: its terms, its story, the books, the model beside them."""

    def __init__(self, books: Books, seed: int) -> None:
        self.books = books
        self.role: BonusRole = books.desk.role
        self.dice = random.Random(seed)  # noqa: S311 - a story, not a secret
        self.terms = random_terms(self.dice)
        self.story = random_story(self.dice)
        self.causes = booking_causes(self.story)
        self.heard = Heard()
        self.journal = NaiveJournal()
        self.closed: list[str] = []
        self.frozen: dict[tuple[str, str], int] = {}

    async def begin(self) -> None:
        await self.books.hear(everybody().events)
        document = document_of(self.role, self.terms)
        row = {name: getattr(document, name) for name in ("code", "version", "role", "effective_from")}
        async with self.books.database.transaction() as tx:
            await tx.session.execute(insert(PlanVersion).values(**row, document=document.model_dump(mode="json")))
            await tx.commit()

    async def hear(self, batch: list[Told]) -> None:
        events = events_of(batch)
        repeated = [*events, *self.dice.sample(events, k=len(events) // 3)]
        self.dice.shuffle(repeated)
        await self.books.hear(repeated)
        self.heard.records += batch
        self._settle(standing=self.closed)

    async def close(self) -> None:
        month = MONTHS[len(self.closed)]
        await close_period(self.books.desk, month=Month.parse(month), actor="head")
        self._settle(standing=[*self.closed, month])
        self.closed.append(month)
        self.frozen |= {key: net for key, net in self.nets().items() if key[0] == month}

    def _settle(self, *, standing: list[str]) -> None:
        desired = LineOracle(self.heard, self.terms).told(self.role, closed=standing)
        named = {
            (component, who, self.causes.get(cause, cause)): line for (component, who, cause), line in desired.items()
        }
        self.journal.settle(named, closed=self.closed)

    async def posted(self) -> Sums:
        async with self.books.database.reading() as session:
            found = list(await session.execute(text(_SUMS)))
        sums: Sums = Counter()
        for period, day, component, employee_id, cause, lead_id, amount in found:
            cause_here = f"{cause}/{LEADS[lead_id]}" if cause.startswith("quarter:") else cause
            sums[period, day, component, NAMES[employee_id], cause_here] = int(amount)
        return sums

    def nets(self) -> Counter[tuple[str, str]]:
        nets: Counter[tuple[str, str]] = Counter()
        for (period, _, _, who, _), amount in self.journal.sums.items():
            nets[period, who] += amount
        return nets


def random_terms(dice: random.Random) -> Terms:
    def rate() -> Fraction:
        return Fraction(dice.choice(("0.10", "0.05", "0.333", "0.0700001", "1")))

    return Terms(
        first=rate(),
        second=rate(),
        new=rate(),
        mature=rate(),
        young_months=dice.choice((1, 2, 3)),
        retention=dice.randint(1, 2_000_000),
        threshold=dice.choice((1, 100_000, 20_000_000)),
        share=rate(),
        cap=dice.choice((1, 5_000, 1_500_000)),
        meeting=dice.randint(1, 100_000),
        touches={item.code: dice.randint(1, 9_999) for item in STANDARD_PLANS["sdr"].per_fact if item.gated_by},
        calls_per_day=dice.randint(1, 2),
    )


def document_of(role: BonusRole, terms: Terms) -> PlanDocument:
    """The standard plan of the role with these figures."""
    document: dict[str, Any] = STANDARD_PLANS[role].model_dump(mode="json")
    rates = {"first_payment": terms.first, "second_payment": terms.second, "client_paid": terms.share}
    rates |= {"new_client": terms.new, "mature_client": terms.mature}
    for component in document["components"]:
        code = component["code"]
        if code in rates:
            component["rate"] = str(Decimal(rates[code].numerator) / rates[code].denominator)
        if code in {"new_client", "mature_client"}:
            edge = "until_months" if code == "new_client" else "from_months"
            component["selector"][edge] = terms.young_months
        match code:
            case "client_paid":
                component["cap_per_client"] = rub(terms.cap)
            case "quarterly_retention":
                component |= {"threshold": rub(terms.threshold), "amount": rub(terms.retention)}
                component["client_older_than_months"] = terms.young_months
            case "call_norm":
                component["norm_per_working_day"] = terms.calls_per_day
            case _ if component["kind"] == "per_fact":
                component["amount"] = rub(terms.touches.get(code, terms.meeting))
    return PlanDocument.model_validate(document | {"version": 2})


def rub(amount_minor: int) -> dict[str, str]:
    return {"amount": Money(amount_minor, "RUB").text, "currency": "RUB"}


async def check_statements(case: Case) -> None:
    """Each statement says what the model held when its month was closed, whatever came later."""
    async with case.books.database.reading() as session:
        statements = list(await session.scalars(select(Statement)))
    assert len(statements) == len(MONTHS) * len(PEOPLE_OF[case.role])
    for statement in statements:
        expected = case.frozen.get((statement.period, NAMES[statement.employee_id]), 0)
        lines = [minor(line["amount"]) for line in statement.document["lines"]]
        assert minor(statement.document["total"]) == sum(lines) == expected


async def check_payroll(case: Case) -> None:
    """Month by month what is positive is paid, and what is not is carried forward into the next."""
    waiting: Counter[str] = Counter()
    nets = case.nets()
    for month in MONTHS:
        batch = await freeze_batch(case.books.desk, month=Month.parse(month), actor="payroll")
        paid: Counter[str] = Counter()
        for row in csv.DictReader(io.StringIO((await exported(case.books, batch.id)).decode(), newline="")):
            paid[row["employee"]] += minor({"amount": row["amount"]})
        for who in PEOPLE_OF[case.role]:
            waiting[who] += nets[month, who]
            if waiting[who] >= 0:
                assert paid.pop(who, 0) == waiting.pop(who)
        assert not paid


@pytest.mark.parametrize("role", ["sdr", "ae", "am"])
@pytest.mark.parametrize(
    "seeds", [range(3), pytest.param(range(3, 40), marks=[pytest.mark.long, pytest.mark.timeout(1800)])]
)
async def test_the_books_say_what_the_model_says(new_books: NewBooks, role: BonusRole, seeds: range) -> None:
    for seed in seeds:
        case = Case(await new_books(role), seed)
        await case.begin()
        for batch in in_batches(case.dice, case.story):
            await case.hear(batch)
            if len(case.closed) < len(MONTHS) and case.dice.random() < 0.5:
                await case.close()
            assert await case.posted() == case.journal.standing(), (role, seed)
        while len(case.closed) < len(MONTHS):
            await case.close()
        assert await case.posted() == case.journal.standing(), (role, seed)
        await check_statements(case)
        await check_payroll(case)
        async with case.books.database.reading() as session:
            assert (await verify_chain(session)).valid


@pytest.mark.parametrize("name", ["arithmetic", "oracle", "world", "line_oracle", "line_world"])
def test_the_models_share_no_code_with_the_product(name: str) -> None:
    tree = ast.parse((Path(__file__).parent / f"{name}.py").read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    ours = {module for module in imported if module.startswith("tests.")}
    assert all(module.startswith("tests.bonuses.oracle.") for module in ours)
    assert {module.split(".")[0] for module in imported - ours} <= sys.stdlib_module_names
