"""What the driver's many errors mean to a caller: the database is not there, or it is there and busy."""

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from conveyor.kit.refusals import Refusal

# 08: connection errors, 57P0x: the server stops, starts or was stopped, 53: too many connections, disk full,
# 28: our password is not the server's, for a moment where it is being changed.
_GONE = ("08", "57P01", "57P02", "57P03", "57P05", "53", "28")
# Serialization failure, deadlock, lock not available in time, read-only during a failover.
_BUSY = ("40001", "40P01", "55P03", "25006")
_CANCELLED = "57014"


class DatabaseUnavailable(Refusal):
    """The database cannot be reached right now; the same request will do later."""

    kind = "unavailable"


class DatabaseBusy(Refusal):
    """Others held what this needed for too long; the same request will do in a moment."""

    kind = "unavailable"


class StatementTooSlow(Refusal):
    """The database took longer for this than a statement may; the same request may do later."""

    kind = "unavailable"


Named = DatabaseUnavailable | DatabaseBusy | StatementTooSlow


def translated(error: BaseException) -> Named | None:
    """The named refusal for an error that is no mistake of the statement; None for every other."""
    if isinstance(error, Named):
        return error
    if isinstance(error, PoolTimeout):
        return DatabaseBusy()
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return DatabaseUnavailable()
        return _by_state(getattr(error.orig, "sqlstate", None)) or _by_class(error.orig)
    return _by_class(error)


def is_transient(error: BaseException) -> bool:
    """Whether trying again without any change will succeed some day; what is slow once may be slow for ever."""
    found = translated(error)
    return found is not None and not isinstance(found, StatementTooSlow)


def _by_class(error: BaseException | None) -> Named | None:
    if isinstance(error, asyncpg.PostgresError):
        return _by_state(error.sqlstate)
    gone = (ConnectionError, asyncpg.InternalClientError, asyncpg.ConnectionDoesNotExistError)
    if isinstance(error, gone) or (isinstance(error, asyncpg.InterfaceError) and "clos" in str(error)):
        return DatabaseUnavailable()
    return None


def _by_state(state: str | None) -> Named | None:
    if state is None:
        return None
    if state.startswith(_BUSY):
        return DatabaseBusy()
    if state == _CANCELLED:
        return StatementTooSlow()
    return DatabaseUnavailable() if state.startswith(_GONE) else None
