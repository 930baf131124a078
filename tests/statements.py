"""Which statements a database is asked, SQLAlchemy's and those asked of the driver itself."""

from typing import Any

from sqlalchemy import event

from conveyor.kit.database import Database

_FRAMES = ("BEGIN", "COMMIT", "ROLLBACK")


def statements_of(database: Database) -> list[str]:
    """A list that grows with every statement from now on, without those that begin and end transactions."""
    asked: list[str] = []

    def note(logged: Any) -> None:
        if not logged.query.startswith(_FRAMES):
            asked.append(logged.query)

    @event.listens_for(database.engine.sync_engine, "checkout")
    def listen(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.driver_connection.add_query_logger(note)

    return asked
