"""What somebody earned and why, over HTTP."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BeforeValidator, Field
from sqlalchemy.ext.asyncio import AsyncSession

from conveyor.bonuses.access import Employed, Reader, one_employee, visible_employee
from conveyor.bonuses.desk import Desk
from conveyor.bonuses.explanations.numbers import Language
from conveyor.bonuses.months import PeriodText
from conveyor.bonuses.periods.queries import state_of
from conveyor.bonuses.statements import why
from conveyor.bonuses.statements.drafts import drafts_of, people_of
from conveyor.bonuses.statements.queries import AsOf, bonuses_of, see_one_moment, signed_statements, statements_of
from conveyor.bonuses.statements.sign_off import sign_off
from conveyor.bonuses.statements.tables import Statement
from conveyor.bonuses.statements.views import BonusesView, SignOffView, StatementView, WhyView, statement_view
from conveyor.kit.calendar import Month
from conveyor.kit.http.models import BusinessInstant, RequestModel
from conveyor.kit.http.pagination import Page, PageQuery, PageRequest, page_of
from conveyor.kit.refusals import Invalid
from conveyor.roster.tables import Employee

Code = Annotated[str, Query(max_length=500)]


def _written_out(value: object) -> object:
    # In a query every value is text, and text of digits would be read as seconds since 1970.
    if isinstance(value, str) and "T" not in value.upper():
        msg = "must be RFC 3339 text with a zone"
        raise ValueError(msg)
    return value


Instant = Annotated[BusinessInstant, BeforeValidator(_written_out)]
RecordedAsOf = Annotated[
    Instant | None, Query(description="What it showed at this instant: what was recorded until then.")
]
KnownAsOf = Annotated[
    Literal["now"] | Instant | None,
    Query(
        description="What the month should be: everything earned in it, also what was posted into later months, by "
        "what was recorded until this instant. `now` adds what only the closing will post."
    ),
]


class SignOffRequest(RequestModel):
    """The hash of the statement that was read; without it the statement is signed as it is now."""

    hash: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")] | None = None


def router(desk: Desk) -> APIRouter:
    """`/bonuses` and `/bonus-statements`."""
    routes = APIRouter(tags=["bonuses"])

    @routes.get("/bonuses")
    async def get_bonuses(
        principal: Reader,
        period: PeriodText,
        employee_id: UUID | None = None,
        recorded_as_of: RecordedAsOf = None,
        known_as_of: KnownAsOf = None,
    ) -> BonusesView:
        """A month of one employee, his own unless an overseer names another; provisional while it is open.

        Two clocks: `recorded_as_of` asks what the month showed then, `known_as_of` what it should be.
        """
        whose = one_employee(principal, employee_id)
        if recorded_as_of is not None and known_as_of is not None:
            raise Invalid.field("/known_as_of", "ask by one clock: recorded_as_of or known_as_of")
        as_of = AsOf(recorded=recorded_as_of, known=known_as_of)
        return await bonuses_of(desk, employee_id=whose, month=Month.parse(period), as_of=as_of)

    @routes.get("/bonuses/why")
    async def get_why(
        principal: Reader,
        *,
        employee_id: UUID | None = None,
        period: PeriodText | None = None,
        component: Code | None = None,
        lead_id: UUID | None = None,
        payment_id: Code | None = None,
        lang: Language = "en",
    ) -> WhyView:
        """Why lines are there, and why others are not, by employee, month, component, lead or payment."""
        question = why.Question(
            employee_id=one_employee(principal, employee_id),
            period=None if period is None else Month.parse(period),
            component=component,
            lead_id=lead_id,
            payment_id=payment_id,
            lang=lang,
        )
        return await why.answer(desk, question)

    _add_statements(routes, desk)
    return routes


def _add_statements(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/bonus-statements")
    async def list_statements(
        principal: Reader,
        page: PageQuery,
        period: PeriodText | None = None,
        employee_id: UUID | None = None,
        recorded_as_of: RecordedAsOf = None,
    ) -> Page[StatementView]:
        """Frozen months, or the drafts of a named month in review; an employee sees his own."""
        whose = visible_employee(principal, employee_id)
        async with desk.database.reading() as session:
            await see_one_moment(session)
            if period is not None and recorded_as_of is None:
                month = Month.parse(period)
                if await state_of(session, month) == "in_review":
                    return await _drafts(desk, session, month=month, employee_id=whose, page=page)
            found, next_cursor = await page_of(
                session,
                statements_of(period=period, employee_id=whose, recorded_as_of=recorded_as_of),
                key=[Statement.__table__.c.period, Statement.__table__.c.employee_id],
                page=page,
            )
            signed = await signed_statements(session, {item.employee_id for item in found})
        return Page(
            items=[statement_view(item.document, frozen_hash=item.hash, signed=signed) for item in found],
            next_cursor=next_cursor,
        )

    @routes.post("/bonus-statements/{period}/sign-off", status_code=201)
    async def sign_off_statement(
        period: PeriodText,
        principal: Employed,
        body: SignOffRequest | None = None,
    ) -> SignOffView:
        """Agree to your own statement, a draft in review or a closed one, naming the hash of what you read."""
        return await sign_off(
            desk,
            employee_id=one_employee(principal, None),
            month=Month.parse(period),
            seen_hash=body.hash.lower() if body and body.hash else None,
            actor=principal.subject,
        )


async def _drafts(
    desk: Desk, session: AsyncSession, *, month: Month, employee_id: UUID | None, page: PageRequest
) -> Page[StatementView]:
    people, next_cursor = await page_of(
        session,
        people_of(role=desk.role, month=month, employee_id=employee_id),
        key=[Employee.employee_id],
        page=page,
    )
    drafts = await drafts_of(session, role=desk.role, month=month, employee_ids=people) if people else {}
    signed = await signed_statements(session, people)
    return Page(
        items=[statement_view(drafts[employee_id], frozen_hash=None, signed=signed) for employee_id in people],
        next_cursor=next_cursor,
    )
