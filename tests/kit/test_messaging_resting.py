"""A consumer that rests because nothing can be handled now."""

from typing import Any
from unittest.mock import Mock

from conveyor.kit.messaging import consumer
from conveyor.kit.messaging.events import Listeners


class GivenBack:
    """A message that notes whether it was claimed after it was given back."""

    def __init__(self) -> None:
        self.said: list[str] = []

    async def nak(self, *, delay: float) -> None:
        assert delay > 0
        self.said.append("nak")

    async def in_progress(self) -> None:
        self.said.append("in progress")


async def test_what_was_given_back_is_not_claimed_while_the_consumer_rests(monkeypatch: Any) -> None:
    monkeypatch.setattr(consumer, "IN_PROGRESS_SECONDS", 0.01)
    database: Any = Mock(service="telemarketing")
    hearing = consumer.Consumer(database, Listeners(), Mock())
    message: Any = GivenBack()

    # Without a body and a place in the stream it cannot even be taken.
    await hearing._handle([message])

    assert message.said[-1] == "nak"
