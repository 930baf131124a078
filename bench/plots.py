"""Plots of a run: `python -m bench.plots figures.json` writes an SVG beside it for every plot that figures stand in.

Needs matplotlib, which is no part of the project's environment; `make bench` installs it beside.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
# The same figures give the same bytes.
mpl.rcParams["svg.hashsalt"] = "conveyor"
mpl.rcParams["svg.fonttype"] = "none"

from matplotlib import pyplot as plt  # noqa: E402 - the backend comes first

TEN_TIMES = 9.9


def write(figures_path: Path) -> list[Path]:
    """The files written, e.g. `figures-flow-latency-against-load.svg`."""
    figures = json.loads(figures_path.read_text())["figures"]
    plots: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for figure in figures:
        if figure["point"] is not None:
            plots[figure["point"]["plot"]].append(figure)
    written = []
    for name, points in plots.items():
        path = figures_path.with_name(f"{figures_path.stem}-{_file_name(name)}.svg")
        _draw(name, points, path)
        written.append(path)
    return written


def _draw(name: str, points: Iterable[Mapping[str, Any]], path: Path) -> None:
    """A line for each series with the spread of its repeats; the second axis word of the name is x."""
    drawing, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
    series: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for figure in points:
        series[figure["point"]["series"]].append(figure)
    axes.set_prop_cycle(color=plt.colormaps["tab20"].colors)
    places: set[float] = set()
    for label, figures in series.items():
        ordered = sorted(figures, key=lambda figure: figure["point"]["x"])
        places |= {figure["point"]["x"] for figure in ordered}
        spread = [[each["value"] - each["low"] for each in ordered], [each["high"] - each["value"] for each in ordered]]
        axes.errorbar(
            [each["point"]["x"] for each in ordered],
            [each["value"] for each in ordered],
            yerr=spread,
            label=label,
            marker="o",
            markersize=4,
            linewidth=1.2,
            capsize=2,
        )
        axes.set_ylabel(ordered[0]["unit"])
    if max(places) > TEN_TIMES * min(places):
        axes.set_xscale("log")
    axes.set_xticks(sorted(places), [f"{place:,.0f}".replace(",", " ") for place in sorted(places)])
    axes.minorticks_off()
    axes.set_ylim(bottom=0)
    what, _, against = name.partition(" against ")
    axes.set_title(what.rstrip(","))
    axes.set_xlabel(against)
    axes.grid(visible=True, alpha=0.3)
    drawing.legend(loc="outside right upper", fontsize="small", frameon=False)
    drawing.savefig(path, format="svg", metadata={"Date": None})
    plt.close(drawing)


def _file_name(name: str) -> str:
    return "-".join("".join(letter if letter.isalnum() else " " for letter in name.lower()).split())


if __name__ == "__main__":
    for each in write(Path(sys.argv[1])):
        print(each)
