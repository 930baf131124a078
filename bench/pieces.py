"""The pieces of `make bench`, in the order in which they run."""

from collections.abc import Awaitable, Callable

from bench import (
    at_rest,
    closing,
    evaluation,
    flow,
    intake,
    kinds,
    old_client,
    payroll_files,
    reads,
    replay,
    replicas,
)
from bench.measuring import Report, Sizes

Measure = Callable[[Report, Sizes], Awaitable[None]]

PIECES: dict[str, Measure] = {
    "evaluation": evaluation.measure,
    "closing": closing.measure,
    "old-client": old_client.measure,
    "replay": replay.measure,
    "payroll-export": payroll_files.measure,
    "intake": intake.measure,
    "kinds": kinds.measure,
    "flow": flow.measure,
    "replicas": replicas.measure,
    "reads": reads.measure,
    "at-rest": at_rest.measure,
}
