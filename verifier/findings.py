"""What the verifier found: differences, each with the place where it is."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference: where, and what is wrong there."""

    place: str
    problem: str

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}"


@dataclass(slots=True)
class Books:
    """Everything read of one service: the journal with its reasons, its head, and the month's statements."""

    service: str
    period: str
    entries: list[Json] = field(default_factory=list)
    """Items `{entry, explanation}`, oldest first."""
    watermark: int = 0
    chain_head: str = ""
    statements: list[Json] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked in one service's month, and what does not fit."""

    service: str
    period: str
    statements: int
    lines: int
    entries_of_period: int
    entries: int
    totals: dict[str, str]
    findings: list[Finding]

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not self.findings
