"""How to call each operation so that only the caller's right decides: a good body, a query, an object to use up.

In a body `$name` stands for a thing of the world (`tests/security/world.py`) of the same service, for a role its own
one if there is a `name_of_<role>`; or `$owner`, whose it all is, `$n`, another number each time, and times.
`employee_id: $actor` is sent by roles that name the employee; the others leave it out.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from tests.security.world import ASTRAY, CLOSED, MARKED, PLAN

Json = dict[str, Any]
MONEY = {"amount": "10.00", "currency": "RUB"}
BY_ACTOR = {"employee_id": "$actor"}
TRIED = base64.b64encode(json.dumps(ASTRAY).encode()).decode()
CSV = "company,channel,mechanics\nWorks of a file,list,cold\n"


@dataclass(frozen=True)
class Call:
    """What an operation is called with; `path` names other things for its parameters, `files` make it a form.

    `etag` is that of an object which no operation reads alone.
    """

    body: Any = None
    query: Mapping[str, str] = field(default_factory=dict)
    path: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, tuple[str, str]] | None = None
    content: bytes | None = None
    etag: str | None = None


PLAIN = Call()
_ONE_EMPLOYEE = Call(query={"employee_id": "$owner", "period": CLOSED})
_CALENDAR = {"zone": "Europe/Moscow", "currency": "RUB", "working_weekdays": [1, 2, 3, 4, 5]}
_LEAD = {"company": {"name": "Works $n"}, "channel": "base", "mechanics": "cold"}
_LINE = {
    "payroll_number": "$line_payroll_number",
    "component": "$line_component",
    "cause_id": "$line_cause_id",
    "reason": "no account",
}

_OF_THE_BUS: dict[str, Call] = {
    "PUT /v1/calendar": Call({"effective_from": "2030-01-01", **_CALENDAR}),
    "POST /v1/chains": Call({"name": "Chain $n", "member_ids": ["$employee_id"], "effective_from": "2025-01-09"}),
    "PUT /v1/chains/{chain_id}": Call(
        {"name": "Chain", "member_ids": ["$employee_id"], "effective_from": "2025-01-09"}
    ),
    "PUT /v1/deadlines": Call(
        {"effective_from": "2030-01-01", "day_starts": "09:00", "day_ends": "18:00", "directions": []}
    ),
    "POST /v1/delivery-replays": Call({"delivery_ids": ["$delivery_id"]}),
    "POST /v1/deliveries/{delivery_id}/match": Call({"lead_id": "$lead_id"}),
    "POST /v1/deliveries/{delivery_id}/rejection": Call({"reason": "none of ours"}),
    "POST /v1/employees": Call(
        {"full_name": "New $n", "role": "marketing", "payroll_number": "8$n", "hired_on": "2025-01-09"}
    ),
    "PATCH /v1/employees/{employee_id}": Call({"full_name": "Spare"}),
    "POST /v1/employees/{employee_id}/absences": Call(
        {"from": "2028-01-01", "until": "2028-01-10", "kind": "sick_leave"}
    ),
    "DELETE /v1/employees/{employee_id}/absences/{absence_id}": Call(etag='"1"'),
    # He still works, so that nobody is erased by this.
    "POST /v1/erasures": Call(
        {"kind": "employee", "subject_id": "$employee_id", "ground": "purpose_reached", "asked_by": "operator"}
    ),
    "POST /v1/erasures/reapplications": Call({"reason": "a database was restored"}),
    "GET /v1/handoff-figures": Call(query={"from": "2025-09-01", "until": "2025-10-01"}),
    "PUT /v1/sources/{source_id}/write-back": Call({"api_url": "http://127.0.0.1:1", "token": "a test"}),
    "POST /v1/subscriptions": Call({"url": "https://hooks.example.com/", "fact_types": ["payment_received.v1"]}),
    "PATCH /v1/subscriptions/{subscription_id}": Call({"description": "told of payments"}),
    "POST /v1/subscriptions/{subscription_id}/replay": Call({"from": "2025-09-01T00:00:00Z", "until": "$now"}),
    "POST /v1/subscriptions/{subscription_id}/secret": Call({}),
    "POST /v1/references/{reference_id}/award": Call({"reason": "typed into the wrong card"}),
    "GET /v1/self-check": Call(query={"from": "2025-09-01", "until": "2025-10-01"}),
    "POST /v1/sources": Call({"name": "source-$n", "kind": "standard", "settings": {}}),
    "PUT /v1/sources/{source_id}/silence-alarm": Call({"after_minutes": 60}),
    "PUT /v1/sources/{source_id}/settings": Call({"settings": {}}),
    "POST /v1/sources/{source_id}/secret": Call({}),
    "POST /v1/sources/{source_id}/trial": Call({"headers": {}, "body_base64": TRIED}),
    "POST /v1/sources/{source_id}/uploads": Call(content=b"nothing"),
}

_OF_TELEMARKETING: dict[str, Call] = {
    "POST /v1/leads": Call(_LEAD),
    "POST /v1/leads/import": Call(files={"file": ("leads.csv", CSV)}),
    "PATCH /v1/leads/{lead_id}": Call({"segment": "retail"}),
    "POST /v1/leads/{lead_id}/meetings": Call({"starts_at": "$next_year", **BY_ACTOR}),
    "PUT /v1/leads/{lead_id}/owner": Call({"employee_id": "$owner"}),
    "POST /v1/leads/{lead_id}/touches": Call({"kind": "letter_general", **BY_ACTOR}),
    "POST /v1/meetings/{meeting_id}/cancellation": Call({"reason": "duplicate"}),
}

_OF_CLOSING: dict[str, Call] = {
    "POST /v1/deals/{deal_id}/account-handoff": Call(BY_ACTOR, path={"deal_id": "$signed_deal_id"}),
    "POST /v1/deals/{deal_id}/contract": Call(
        {"number": "C-$n", "signed_at": "$now", **BY_ACTOR}, path={"deal_id": "$deal_id_to_sign"}
    ),
    "POST /v1/deals/{deal_id}/loss": Call({"reason": "timing", **BY_ACTOR}, path={"deal_id": "$deal_id_to_lose"}),
    "POST /v1/deals/{deal_id}/meeting-outcome": Call({"meeting_id": "$meeting_id", "outcome": "held", **BY_ACTOR}),
    "POST /v1/deals/{deal_id}/meetings": Call(
        {"starts_at": "$next_year", **BY_ACTOR}, path={"deal_id": "$deal_id_to_rebook"}
    ),
    "POST /v1/deals/{deal_id}/nurture": Call(
        {"until": "$next_year_day", "reason": "timing", **BY_ACTOR}, path={"deal_id": "$deal_id_to_nurture"}
    ),
    "PUT /v1/deals/{deal_id}/criteria/{code}": Call(
        {"answer": "yes", "evidence": "his letter", **BY_ACTOR}, path={"code": "budget"}
    ),
    "PUT /v1/deals/{deal_id}/owner": Call({"employee_id": "$owner", "from": "$now"}),
}

_OF_AN_INBOX: dict[str, Call] = {
    "POST /v1/handoffs/{handoff_id}/acceptance": Call(BY_ACTOR, path={"handoff_id": "$handoff_id_to_accept"}),
    "POST /v1/handoffs/{handoff_id}/assignment": Call({"employee_id": "$owner"}),
    "POST /v1/handoffs/{handoff_id}/return": Call(
        {"reason": "no_need", **BY_ACTOR}, path={"handoff_id": "$handoff_id_to_return"}
    ),
}

_OF_ACCOUNT: dict[str, Call] = {
    "PUT /v1/clients/{lead_id}/owner": Call({"employee_id": "$owner", "from": "$now"}),
    "POST /v1/clients/{lead_id}/upsell": Call({"needs": "more of the same", **BY_ACTOR}),
}

_OF_BONUSES: dict[str, Call] = {
    "POST /v1/bonus-adjustments": Call(
        {"employee_id": "$owner", "amount": MONEY, "reason_code": "goodwill", "reason": "a good word"}
    ),
    "POST /v1/bonus-adjustments/{adjustment_id}/rejection": Call({"reason": "no"}),
    "POST /v1/bonus-entries/{entry_id}/dispute": Call({"text": "too little"}, path={"entry_id": "$entry_id_2"}),
    "POST /v1/bonus-periods/{period}/close": Call(path={"period": MARKED}),
    "POST /v1/bonus-periods/{period}/review": Call(path={"period": MARKED}),
    "POST /v1/bonus-plans/{code}/versions": Call(PLAN),
    "POST /v1/bonus-plans/{code}/versions/{version}/publication": Call({}),
    "POST /v1/bonus-plans/{code}/versions/{version}/replay": Call({"last_months": 1}),
    "GET /v1/bonuses": _ONE_EMPLOYEE,
    "GET /v1/bonuses/forecast": Call(query={"employee_id": "$owner"}),
    "GET /v1/bonuses/why": _ONE_EMPLOYEE,
    "GET /v1/departures/preview": Call(query={"employee_id": "$owner", "left_on": "$next_year_day"}),
    "POST /v1/disputes": Call({"period": CLOSED, "text": "one line is missing"}),
    "POST /v1/disputes/{dispute_id}/messages": Call({"text": "why?"}),
    "POST /v1/disputes/{dispute_id}/resolution": Call({"outcome": "rejected", "reason": "it is right"}),
    "PUT /v1/employees/{employee_id}/plan-assignments": Call({"assignments": []}),
    "PUT /v1/employees/{employee_id}/quotas/{period}": Call({"count": 5}),
    "POST /v1/payout-batches": Call({"period": CLOSED}),
    "POST /v1/payout-batches/{batch_id}/acknowledgement": Call(
        {"external_run_id": "run", "lines": 1, "totals": [], "sha256": "0" * 64}
    ),
    "POST /v1/payout-batches/{batch_id}/payment": PLAIN,
    "POST /v1/payout-batches/{batch_id}/rejected-lines": Call({"lines": [_LINE]}),
    "POST /v1/payout-batches/{batch_id}/rejection": Call({"reason": "wrong month"}),
    "POST /v1/payout-holds": Call({"employee_id": "$owner", "reason": "to be looked at"}),
    "POST /v1/payout-holds/{hold_id}/release": PLAIN,
}

_OF_EVERY_SERVICE: dict[str, Call] = {
    "GET /v1/personal-data/leads/{lead_id}": Call(path={"lead_id": "$asking_lead_id"}),
    "GET /v1/personal-data/leads/{lead_id}/contacts/{contact_id}": Call(
        path={"lead_id": "$asking_lead_id", "contact_id": "$asking_contact_id"}
    ),
    "GET /v1/messages/dead-letters/{event_id}": Call(path={"event_id": "$letter_id"}),
    "POST /v1/messages/dead-letters/{event_id}/discard": Call({"reason": "no"}, path={"event_id": "$letter_id"}),
    "POST /v1/messages/dead-letters/{event_id}/replay": Call(path={"event_id": "$letter_2_id"}),
    "GET /v1/messages/unpublishable/{event_id}": Call(path={"event_id": "$unpublishable_id"}),
    "POST /v1/messages/unpublishable/{event_id}/discard": Call(
        {"reason": "no"}, path={"event_id": "$unpublishable_id"}
    ),
    "POST /v1/messages/unpublishable/{event_id}/requeue": Call(path={"event_id": "$unpublishable_2_id"}),
    "POST /v1/messages/quarantined/{stream_seq}/{body_sha256}/discard": Call(
        {"reason": "forged"}, path={"stream_seq": "$quarantined_id", "body_sha256": "$digest_id"}
    ),
    "POST /v1/messages/quarantined/{stream_seq}/{body_sha256}/replay": Call(
        path={"stream_seq": "$quarantined_2_id", "body_sha256": "$digest_id"}
    ),
    "POST /v1/messages/publications/republish": Call({"event_ids": ["$letter_id"], "reason": "a tail was lost"}),
    "POST /v1/messages/gaps/{list_id}/accept": Call({"reason": "erased"}),
}

CALLS: Mapping[str, Mapping[str, Call]] = MappingProxyType(
    {
        "handoff-bus": _OF_THE_BUS | _OF_EVERY_SERVICE,
        "telemarketing": _OF_TELEMARKETING | _OF_BONUSES | _OF_EVERY_SERVICE,
        "closing": _OF_CLOSING | _OF_AN_INBOX | _OF_BONUSES | _OF_EVERY_SERVICE,
        "account": _OF_ACCOUNT | _OF_AN_INBOX | _OF_BONUSES | _OF_EVERY_SERVICE,
    }
)
