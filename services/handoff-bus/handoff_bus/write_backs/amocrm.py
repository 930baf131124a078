"""amoCRM and Kommo, API v4: `PATCH /api/v4/leads/{id}` with a long-lived token.

A status belongs to a pipeline, so both are set together; 142 is won and 143 lost in every pipeline. The answer repeats
the id. Source: www.amocrm.ru/developers, section on leads.
"""

from typing import Annotated

import orjson
from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from handoff_bus.outbound.client import Answer, Call
from handoff_bus.write_backs.crm import Crm, CrmSettings, json_of, number_of, refusal_of
from handoff_bus.write_backs.rules import Fields, Groups, Position, Result

Number = Annotated[int, Field(ge=1, lt=2**63)]


class PipelineStatus(BaseModel):
    """A status and the pipeline that it belongs to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pipeline_id: Number
    status_id: Number


class AmocrmWriteBack(CrmSettings):
    """`api_url` is `https://<account>.amocrm.ru`; `statuses` say which status a position on the line is."""

    api_url: Annotated[str, StringConstraints(max_length=300)]
    token: SecretStr
    statuses: dict[Position, PipelineStatus] = Field(default_factory=dict)


def groups(settings: AmocrmWriteBack, _: str, position: Position, user: str | None) -> Groups:
    """The status of this position, and the responsible user."""
    wanted: Groups = {}
    if position in settings.statuses:
        wanted["stage"] = settings.statuses[position].model_dump()
    if settings.owner and user is not None and user.isascii() and user.isdigit():
        wanted["owner"] = {"responsible_user_id": int(user)}
    return wanted


def call(settings: AmocrmWriteBack, thing: str, fields: Fields) -> Call:
    """Set these fields of a lead. Raises UnwritableThing."""
    return Call(
        "PATCH",
        f"{settings.api_url.rstrip('/')}/api/v4/leads/{number_of(thing)}",
        orjson.dumps(fields),
        {"content-type": "application/json", "authorization": f"Bearer {settings.token.get_secret_value()}"},
    )


def read(answer: Answer) -> Result:
    """Whether it was taken."""
    if not answer.is_good:
        return refusal_of(answer)
    told = json_of(answer)
    if answer.status == 204:
        return Result("gone", "It knows no such lead.")
    if not isinstance(told, dict) or "id" not in told:
        return Result("again", "It answered 200, but not as amoCRM does.")
    return Result("written")


AMOCRM = Crm(settings=AmocrmWriteBack, address=lambda settings: settings.api_url, groups=groups, call=call, read=read)
