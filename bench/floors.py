"""What the webhook door is compared with: an empty route that only validates, and one ORM transaction per request.

Run by uvicorn with the settings of the services: `bench.floors:app --factory`, the database in BENCH_DATABASE_URL.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body, FastAPI, Request
from sqlalchemy import DateTime, LargeBinary, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bench.typed_floors import add_typed_floors
from conveyor.kit.clock import SystemClock
from conveyor.kit.ids import new_id
from handoff_bus.sources.kinds.standard.schema import OUTSIDE_EVENT, OutsideEvent


class FloorBase(DeclarativeBase):
    """Tables of the floor."""


class FloorDelivery(FloorBase):
    """A delivery as the usual handler keeps it."""

    __tablename__ = "floor_deliveries"

    delivery_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(Text, unique=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    headers: Mapped[dict[str, Any]] = mapped_column(JSONB)
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


def app() -> FastAPI:
    """Three routes for a body of `standard`, and one for each kind's."""
    engine = create_async_engine(os.environ["BENCH_DATABASE_URL"], pool_size=10, max_overflow=0)
    sessions = async_sessionmaker(engine, expire_on_commit=False)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with engine.begin() as connection:
            await connection.run_sync(FloorBase.metadata.create_all)
        yield
        await engine.dispose()

    floor = FastAPI(lifespan=lifespan)

    @floor.post("/typed", status_code=202)
    async def typed(event: Annotated[OutsideEvent, Body(discriminator="type")]) -> dict[str, str]:
        return {"delivery_id": event.type}

    @floor.post("/raw", status_code=202)
    async def raw(request: Request) -> dict[str, str]:
        return {"delivery_id": OUTSIDE_EVENT.validate_json(await request.body()).type}

    @floor.post("/orm", status_code=202)
    async def orm(request: Request) -> dict[str, str]:
        body = await request.body()
        OUTSIDE_EVENT.validate_json(body)
        delivery = FloorDelivery(
            delivery_id=new_id(),
            dedupe_key=request.headers["webhook-id"],
            body=body,
            headers=dict(request.headers),
            received_at=SystemClock().now(),
        )
        async with sessions() as session:
            session.add(delivery)
            await session.commit()
        return {"delivery_id": str(delivery.delivery_id)}

    add_typed_floors(floor)
    return floor
