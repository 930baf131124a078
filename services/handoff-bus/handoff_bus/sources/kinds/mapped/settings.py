"""The settings of a mapped source: its proof, and rules from its fields to events."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from handoff_bus.sources.formats.instants import zone_named
from handoff_bus.sources.kinds.kind import SourceSettings

Path = Annotated[str, StringConstraints(max_length=200)]
Header = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,60}$")]
Scalar = str | int | bool


def _is_zone(name: str) -> str:
    zone_named(name)
    return name


class Rules(BaseModel):
    """Closed: a misspelt setting must not vanish."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldRule(Rules):
    """Where a field comes from: a `path` such as `order.items.0.sku`, or a fixed `value`; `map` translates it.

    `form` says how it is written there. For instants: `iso` (without an offset it is local time of `zone`), `unix`,
    `unix_ms`. For amounts: `major` (decimal text) or `minor` (kopecks, cents), in the currency that stands beside it.
    For durations: `seconds`, `milliseconds`, `minutes`.
    """

    path: Path | None = None
    value: Scalar | None = None
    map: Annotated[Mapping[str, Scalar], Field(max_length=200)] | None = None
    form: Literal["as_is", "iso", "unix", "unix_ms", "major", "minor", "seconds", "milliseconds", "minutes"] = "as_is"

    @model_validator(mode="after")
    def _has_one_origin(self) -> Self:
        if (self.path is None) == (self.value is None):
            msg = "give either a path or a value"
            raise ValueError(msg)
        return self


Fields = Annotated[
    Mapping[Annotated[str, StringConstraints(pattern=r"^[a-z_]+(\.[a-z_0-9]+){0,3}$")], FieldRule],
    Field(min_length=1, max_length=60),
]


class EventRule(Rules):
    """One kind of event: `when` all these paths have one of these values, it is a `type` with these fields.

    Fields are named as in the data of kind `standard`, steps joined by dots: `lead.system`, `amount.amount`,
    `contacts.0.phone`.
    """

    when: Annotated[Mapping[Path, Scalar | tuple[Scalar, ...]], Field(max_length=20)] = Field(default_factory=dict)
    type: Literal["call.finished", "payment.received", "payment.refunded", "lead.received", "reply.received"]
    fields: Fields
    timestamp: FieldRule | None = None


class MappedSettings(SourceSettings):
    """`items` is the path of the array whose elements are events (none: the body is one event).

    `dedupe` are the paths that tell a repeated delivery (none: its bytes). An event whose `test` path holds something
    true is test traffic. `proof` is a hex or base64 HMAC-SHA256 of the body in `proof_header` after `proof_prefix`, a
    token there, or basic authentication.
    """

    proof: Literal["hmac_sha256", "token", "basic"] = "hmac_sha256"
    proof_header: Header = "x-signature"
    proof_prefix: Annotated[str, StringConstraints(max_length=40)] = ""
    encoding: Literal["hex", "base64"] = "hex"
    zone: Annotated[str, AfterValidator(_is_zone)] = "UTC"
    items: Path | None = None
    dedupe: Annotated[tuple[Path, ...], Field(max_length=10)] = ()
    test: Path | None = None
    rules: Annotated[tuple[EventRule, ...], Field(min_length=1, max_length=50)]
