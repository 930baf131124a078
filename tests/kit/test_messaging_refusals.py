"""What the broker refuses for good stops one key; whatever may pass is tried again."""

import json
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, Mock

import pytest

from conveyor.kit.ids import new_id
from conveyor.kit.messaging.publishing import NeverPublishable, NotNow, PendingRow, publish_one

ROW = PendingRow(id=1, event_id=new_id(), subject="conveyor.closing.deal_opened.v1.x", key="x", body=b"{}")


@pytest.mark.parametrize(
    ("err_code", "code", "raised"),
    [
        (10158, 409, NotNow),  # duplicate message id is in process: a cluster lost its quorum
        (10077, 503, NotNow),  # the stream is full
        (10999, 400, NotNow),  # a refusal of a later version of the server
        (10054, 400, NeverPublishable),  # larger than the stream takes
        (10097, 400, NeverPublishable),  # its headers are
    ],
)
async def test_a_refusal(err_code: int, code: int, raised: type[Exception]) -> None:
    answer = {"error": {"err_code": err_code, "code": code, "description": "refused"}}
    client: Any = Mock(max_payload=1_000_000)
    client.request = AsyncMock(return_value=SimpleNamespace(data=json.dumps(answer).encode()))

    with pytest.raises(raised):
        await publish_one(Mock(violations=dict.fromkeys([ROW.subject], 0)), client, ROW)
