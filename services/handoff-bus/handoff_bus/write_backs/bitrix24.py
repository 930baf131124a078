"""Bitrix24: `crm.item.update` by an incoming webhook of the portal.

Leads (entity 1) and deals (entity 2) have stages of their own; a deal's funnel is its category. The answer holds
`result`, a failure `error`, also under status 200. Source: apidocs.bitrix24.com, crm.item.update and error codes.
"""

from typing import Annotated

import orjson
from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from handoff_bus.outbound.client import Answer, Call
from handoff_bus.write_backs.crm import Crm, CrmSettings, json_of, number_of, refusal_of
from handoff_bus.write_backs.rules import Fields, Groups, Position, Result

LEAD, DEAL = 1, 2
DEAL_PREFIX = "deal:"
"""How the source names a deal; its leads are bare numbers."""
PASSING = frozenset({"QUERY_LIMIT_EXCEEDED", "OPERATION_TIME_LIMIT", "OVERLOAD_LIMIT", "INTERNAL_SERVER_ERROR"})

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_:]{1,50}$")]


class DealStage(BaseModel):
    """A stage of a deal, such as `C5:WON`, and its category (funnel) if the deal has to change that."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stage_id: Code
    category_id: Annotated[int, Field(ge=0, lt=2**31)] | None = None


class Bitrix24WriteBack(CrmSettings):
    """`api_url` is an incoming webhook with the right `crm`: `https://<portal>/rest/<user>/<code>/`."""

    api_url: SecretStr
    deal_stages: dict[Position, DealStage] = Field(default_factory=dict)
    lead_stages: dict[Position, Code] = Field(default_factory=dict)


def groups(settings: Bitrix24WriteBack, thing: str, position: Position, user: str | None) -> Groups:
    """The stage of this position as a lead or a deal has it, and the responsible user."""
    wanted: Groups = {}
    if thing.startswith(DEAL_PREFIX):
        if (stage := settings.deal_stages.get(position)) is not None:
            category = {} if stage.category_id is None else {"categoryId": stage.category_id}
            wanted["stage"] = {"stageId": stage.stage_id, **category}
    elif position in settings.lead_stages:
        wanted["stage"] = {"stageId": settings.lead_stages[position]}
    if settings.owner and user is not None and user.isascii() and user.isdigit():
        wanted["owner"] = {"assignedById": int(user)}
    return wanted


def call(settings: Bitrix24WriteBack, thing: str, fields: Fields) -> Call:
    """Set these fields of a lead or a deal. Raises UnwritableThing."""
    entity = DEAL if thing.startswith(DEAL_PREFIX) else LEAD
    body = {"entityTypeId": entity, "id": number_of(thing.removeprefix(DEAL_PREFIX)), "fields": fields}
    return Call(
        "POST",
        f"{settings.api_url.get_secret_value().rstrip('/')}/crm.item.update.json",
        orjson.dumps(body),
        {"content-type": "application/json"},
    )


def read(answer: Answer) -> Result:
    """Whether it was taken."""
    told = json_of(answer)
    error = told.get("error") if isinstance(told, dict) else None
    if isinstance(error, str) and error:
        described = f"It answered {answer.status} {error[:100]}: {str(told.get('error_description', ''))[:200]}"
        if error.upper() == "NOT_FOUND":
            return Result("gone", described)
        if error.upper() in PASSING:
            return Result("again", described, answer.retry_after_seconds)
        return Result("refused", described) if answer.is_good else refusal_of(answer)
    if not answer.is_good:
        return refusal_of(answer)
    if not isinstance(told, dict) or "result" not in told:
        return Result("again", "It answered 200, but not as Bitrix24 does.")
    return Result("written")


BITRIX24 = Crm(
    settings=Bitrix24WriteBack,
    address=lambda settings: settings.api_url.get_secret_value(),
    groups=groups,
    call=call,
    read=read,
)
