"""What somebody earned and why, over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from conveyor.bonuses.access import Reader, one_employee, visible_employee
from conveyor.bonuses.desk import Desk
from conveyor.bonuses.months import PeriodText
from conveyor.bonuses.statements import why
from conveyor.bonuses.statements.queries import bonuses_of, statements_of
from conveyor.bonuses.statements.tables import Statement
from conveyor.bonuses.statements.views import BonusesView, StatementView, WhyView
from conveyor.kit.calendar import Month
from conveyor.kit.http.pagination import Page, PageQuery, page_of

Code = Annotated[str, Query(max_length=500)]


def router(desk: Desk) -> APIRouter:
    """`/bonuses` and `/bonus-statements`."""
    routes = APIRouter(tags=["bonuses"])

    @routes.get("/bonuses")
    async def get_bonuses(principal: Reader, period: PeriodText, employee_id: UUID | None = None) -> BonusesView:
        """A month of one employee, his own unless an overseer names another; provisional while it is open."""
        whose = one_employee(principal, employee_id)
        return await bonuses_of(desk, employee_id=whose, month=Month.parse(period))

    @routes.get("/bonuses/why")
    async def get_why(
        principal: Reader,
        *,
        employee_id: UUID | None = None,
        period: PeriodText | None = None,
        component: Code | None = None,
        lead_id: UUID | None = None,
        payment_id: Code | None = None,
    ) -> WhyView:
        """Why lines are there, and why others are not, by employee, month, component, lead or payment."""
        question = why.Question(
            employee_id=one_employee(principal, employee_id),
            period=None if period is None else Month.parse(period),
            component=component,
            lead_id=lead_id,
            payment_id=payment_id,
        )
        return await why.answer(desk, question)

    @routes.get("/bonus-statements")
    async def list_statements(
        principal: Reader, page: PageQuery, period: PeriodText | None = None, employee_id: UUID | None = None
    ) -> Page[StatementView]:
        """Frozen months; an employee sees his own."""
        whose = visible_employee(principal, employee_id)
        async with desk.database.reading() as session:
            found, next_cursor = await page_of(
                session,
                statements_of(period=period, employee_id=whose),
                key=[Statement.__table__.c.period, Statement.__table__.c.employee_id],
                page=page,
            )
        return Page(items=[StatementView.model_validate(item) for item in found], next_cursor=next_cursor)

    return routes
