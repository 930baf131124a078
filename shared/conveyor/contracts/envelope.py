"""The envelope of every message: CloudEvents 1.0, JSON, structured mode.

Format: https://github.com/cloudevents/spec (core 1.0.2). Extension attributes are lower case by that specification.
"""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

SUBJECT_ROOT = "conveyor"
_NAME = r"[a-z][a-z0-9-]*"


class Fact(BaseModel):
    """Base of every fact's data. Readers ignore fields they do not know, so optional additions stay compatible."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Envelope(BaseModel):
    """A CloudEvent as it travels; `data` is the fact of `type`, checked by the registry.

    `time` is when it happened in business, `recordedtime` when the publisher's database learned it (both with zone).
    `subject` is the key: the last token of the NATS subject.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: Annotated[str, StringConstraints(pattern=rf"^{SUBJECT_ROOT}/{_NAME}$")]
    type: Annotated[str, StringConstraints(pattern=rf"^{SUBJECT_ROOT}\.{_NAME}\.[a-z][a-z0-9_]*\.v[1-9][0-9]*$")]
    subject: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
    time: AwareDatetime
    datacontenttype: Literal["application/json"] = "application/json"
    recordedtime: AwareDatetime
    correlationid: UUID
    causationid: UUID | None = None
    actor: str
    traceparent: str | None = None
    data: dict[str, Any]

    @property
    def service(self) -> str:
        """The service that says so, e.g. `handoff-bus`."""
        return self.source.partition("/")[2]

    @property
    def nats_subject(self) -> str:
        """Where the message belongs: `conveyor.<service>.<fact>.v<n>.<key>`."""
        return f"{self.type}.{self.subject}"
