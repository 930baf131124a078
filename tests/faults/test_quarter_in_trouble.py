"""A short `make faults`: a small quarter while everything below it dies, hangs and repeats itself."""

from pathlib import Path

import pytest

from faults.__main__ import told
from faults.run import Run

SEED = 2025


@pytest.mark.timeout(600)
async def test_every_guarantee_holds(prepared_home: Path) -> None:
    run = Run(seed=SEED, minutes=0.2, prepared=prepared_home)

    report = await run.go()

    assert report.findings == [], "\n".join(told(report, run))
    assert sum(report.happened.values()) >= 10
    assert report.happened["rolling upgrade"] == 1
    assert report.deliveries == len(run.story.hooks)
