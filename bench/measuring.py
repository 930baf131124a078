"""What a benchmark says: figures with their spread and target, printed as a table and written as JSON."""

import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Point:
    """Where a figure stands in a plot: at `x` of a series. Figures that share a plot share its unit."""

    plot: str
    series: str
    x: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value: the median of its repeats with the lowest and the highest. `target` is from DESIGN, 8."""

    piece: str
    name: str
    value: float
    unit: str
    low: float
    high: float
    repeats: int
    target: float | None = None
    better: Literal["more", "less"] = "more"
    point: Point | None = None

    @property
    def verdict(self) -> str:
        """Whether the target is met; empty without one."""
        if self.target is None:
            return ""
        met = self.value >= self.target if self.better == "more" else self.value <= self.target
        return "met" if met else "MISSED"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much a run may take. `short` makes everything small: it shows that it runs, not how fast."""

    short: bool = False
    repeats: int = 3

    def of(self, full: int, short: int) -> int:
        """A size for this run."""
        return short if self.short else full


@dataclass(slots=True)
class Report:
    """Collects figures; says each as it comes."""

    piece: str
    figures: list[Figure] = field(default_factory=list)

    def add(
        self,
        name: str,
        samples: Sequence[float],
        unit: str,
        *,
        target: float | None = None,
        better: Literal["more", "less"] = "more",
        point: Point | None = None,
    ) -> float:
        """Note the median of these samples and answer it."""
        middle = statistics.median(samples)
        figure = Figure(self.piece, name, middle, unit, min(samples), max(samples), len(samples), target, better, point)
        self.figures.append(figure)
        print(line_of(figure), flush=True)
        return middle


def line_of(figure: Figure) -> str:
    """A row of the table."""
    spread = f"{_number(figure.low)} … {_number(figure.high)}" if figure.repeats > 1 else ""
    sign = "≥" if figure.better == "more" else "≤"
    target = "" if figure.target is None else f"{sign} {_number(figure.target)}"
    return (
        f"{figure.piece:12} {figure.name:58} {_number(figure.value):>10} {figure.unit:10} "
        f"{spread:22} {target:>12} {figure.verdict}"
    )


def as_json(figures: Sequence[Figure]) -> list[dict[str, Any]]:
    """The figures as plain values, with their verdicts."""
    return [asdict(figure) | {"verdict": figure.verdict} for figure in figures]


def percentile(samples: Sequence[float], share: float) -> float:
    """The nearest-rank percentile, `share` from 0 to 1."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]


class Stopwatch:
    """Seconds of the clock on the wall and of this process's processor."""

    wall: float = 0.0
    processor: float = 0.0


@contextmanager
def stopwatch() -> Iterator[Stopwatch]:
    """Measures what is done within."""
    watch = Stopwatch()
    wall, processor = time.perf_counter(), time.process_time()
    yield watch
    watch.wall = time.perf_counter() - wall
    watch.processor = time.process_time() - processor


def _number(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"
