"""Whom a record of an erasure names beside the subject. Pure."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00]*$")]


class Party(BaseModel):
    """An organisation or a person with the address, as papers write them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Label
    address: Label


class Responsible(BaseModel):
    """The person who destroys the data on behalf of the operator, and signs the act."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    full_name: Label
    position: Label
