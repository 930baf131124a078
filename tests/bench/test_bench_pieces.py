"""The benchmarks themselves: figures, verdicts, and the pieces that need no other process in their short form."""

import pytest

from bench.measuring import Figure, Report, Sizes, as_json, percentile
from bench.pieces import PIECES

# They start systems of their own.
LONG = [pytest.param(piece, marks=pytest.mark.long) for piece in ("at-rest", "payroll-export", "reads", "replay")]


def test_a_report_gives_median_and_spread(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report("some")
    assert report.add("a rate", [3.0, 1.0, 2.0], "/s", target=2.5) == 2.0
    (figure,) = report.figures
    assert (figure.low, figure.high, figure.repeats, figure.verdict) == (1.0, 3.0, 3, "MISSED")
    assert "MISSED" in capsys.readouterr().out
    assert as_json(report.figures)[0]["verdict"] == "MISSED"


@pytest.mark.parametrize(("value", "verdict"), [(2.0, "met"), (2.1, "MISSED")])
def test_less_may_be_better(value: float, verdict: str) -> None:
    figure = Figure("some", "a ratio", value, "×", value, value, 1, target=2.0, better="less")
    assert figure.verdict == verdict


def test_percentiles_are_those_of_the_nearest_rank() -> None:
    samples = [float(number) for number in range(1, 101)]
    assert (percentile(samples, 0.5), percentile(samples, 0.99), percentile(samples, 1.0)) == (50.0, 99.0, 100.0)


@pytest.mark.parametrize("piece", ["evaluation", "old-client", *LONG])
async def test_a_short_piece_runs(piece: str) -> None:
    report = Report(piece)
    await PIECES[piece](report, Sizes(short=True, repeats=1))
    assert all(figure.value > 0 for figure in report.figures)
    assert any(figure.target is not None for figure in report.figures)
