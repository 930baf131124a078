"""Statements of hot paths: compiled once, then asked of the driver itself within the session's transaction.

An ORM select costs half a millisecond of processor time before it reaches the driver, most of it building and keying
the same statement again; one that is asked directly costs a twentieth of a millisecond. What is asked once per batch of
messages is worth that, what is asked once per request mostly is not.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import asyncpg
from sqlalchemy import ClauseElement, text
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

_DIALECT = PGDialect_asyncpg()  # type: ignore[no-untyped-call] # SQLAlchemy has no types here
_KNOWN = "direct driver"


class Direct:
    """One statement: a select over mapped columns, or SQL with `:names`.

    Values that differ are named `bindparam`s, never literals. A list of any length is one value: write `= ANY(…)`, not
    `IN (…)`. JSON comes parsed; as a value it is text. Driver errors are not wrapped; `Database` names those that pass
    by themselves.
    """

    def __init__(self, statement: ClauseElement | str) -> None:
        clause = text(statement) if isinstance(statement, str) else statement
        compiled: Any = clause.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
        self._sql = str(compiled)
        self._names: Sequence[str] = compiled.positiontup or ()
        self._fixed: dict[str, Any] = {name: value for name, value in compiled.params.items() if value is not None}
        self._make: Callable[[Iterable[Any]], Any] | None = None

    async def rows(self, session: AsyncSession, **values: Any) -> list[Any]:  # noqa: ANN401 - what the columns hold
        """Named tuples, none for a statement that returns nothing. What the session still holds back is flushed before.

        Raises KeyError when a value is missing.
        """
        if session.new or session.dirty or session.deleted:
            await session.flush()
        driver = await _driver_of(session)
        given = self._fixed | values
        found = await driver.fetch(self._sql, *(given[name] for name in self._names))
        if not found:
            return []
        if self._make is None:
            self._make = namedtuple("Row", found[0].keys(), rename=True)._make  # type: ignore[attr-defined] # noqa: PYI024 - known at run time
        return [self._make(record) for record in found]

    async def first(self, session: AsyncSession, **values: Any) -> Any:  # noqa: ANN401 - what the columns hold
        """The first row, None without any."""
        return next(iter(await self.rows(session, **values)), None)


async def _driver_of(session: AsyncSession) -> "asyncpg.Connection[Any]":
    # A session may outlive its transaction, and then has another connection.
    known = session.info.get(_KNOWN)
    if known is not None and known[0] is session.get_transaction():
        return cast("asyncpg.Connection[Any]", known[1])
    raw = await (await session.connection()).get_raw_connection()
    driver = cast("asyncpg.Connection[Any]", raw.driver_connection)
    adapted: Any = raw.dbapi_connection
    if adapted._transaction is None:  # noqa: SLF001 - as in `_begin`
        await _begin(adapted, driver)
    session.info[_KNOWN] = session.get_transaction(), driver
    return driver


async def _begin(adapted: Any, driver: "asyncpg.Connection[Any]") -> None:  # noqa: ANN401 - SQLAlchemy's adapter
    """What SQLAlchemy does before its own first statement, without one: a round trip less for every batch."""
    transaction = driver.transaction(
        isolation=adapted.isolation_level, readonly=adapted.readonly, deferrable=adapted.deferrable
    )
    try:
        await transaction.start()
    except BaseException:
        # Cut off, it may have begun: whoever gets this connection next would write into a transaction that nobody ends.
        driver.terminate()
        raise
    adapted._transaction = transaction  # noqa: SLF001 - it has no public way to begin
