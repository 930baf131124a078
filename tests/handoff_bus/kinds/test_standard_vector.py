"""Kind `standard` against the published vector of Standard Webhooks."""

from datetime import UTC, datetime

import pytest

from handoff_bus.sources.kinds.standard.kind import STANDARD
from tests.handoff_bus.kinds.deliveries_of_kinds import flipped, is_proven, raw

# From the reference libraries of Standard Webhooks (Apache-2.0), byte by byte.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
AT = datetime.fromtimestamp(1614265330, UTC)


def test_the_published_vector_verifies() -> None:
    assert is_proven(STANDARD, raw(BODY, headers=HEADERS, at=AT), SECRET)


def test_among_signatures_of_other_versions() -> None:
    several = {**HEADERS, "webhook-signature": "v1a,AAAA " + HEADERS["webhook-signature"] + " v2,xx"}
    assert is_proven(STANDARD, raw(BODY, headers=several, at=AT), SECRET)


@pytest.mark.parametrize("place", range(len(BODY)))
def test_one_flipped_bit_is_refused(place: int) -> None:
    assert not is_proven(STANDARD, raw(flipped(BODY, place), headers=HEADERS, at=AT), SECRET)
