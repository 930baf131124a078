"""`python -m bench [pieces] [--short] [--json file]`: run the pieces one after another, each within its time."""

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

from bench.measuring import Figure, Report, Sizes, as_json, line_of
from bench.pieces import PIECES
from bench.running import with_extras
from conveyor_local.places import CHECKOUT

PIECE_SECONDS_MAX = 2_700


def main() -> int:
    """Print the table; 1 when a target is missed."""
    reading = argparse.ArgumentParser(prog="bench", description=__doc__)
    reading.add_argument("pieces", nargs="*", metavar="piece", help=", ".join(PIECES))
    reading.add_argument("--short", action="store_true", help="small sizes: shows that it runs, not how fast")
    reading.add_argument("--json", type=Path, help="write the figures here too, and their plots beside")
    given = reading.parse_args()
    unknown = sorted(set(given.pieces) - PIECES.keys())
    if unknown:
        reading.error(f"no such piece: {', '.join(unknown)}; there are {', '.join(PIECES)}")
    figures = asyncio.run(_run(given.pieces or list(PIECES), Sizes(short=given.short)))
    print("\n" + "\n".join(line_of(figure) for figure in figures))
    if given.json is not None:
        machine = {"processors": os.cpu_count(), "python": platform.python_version(), "load": os.getloadavg()[0]}
        given.json.write_text(json.dumps({"machine": machine, "figures": as_json(figures)}, indent=1) + "\n")
        # A process of its own: the plots' library lies beside the environment, and nothing else shall import it.
        drawing = [sys.executable, "-m", "bench.plots", str(given.json.resolve())]
        subprocess.run(drawing, check=True, cwd=CHECKOUT, env=with_extras())  # noqa: S603 - our own program
    return 1 if any(figure.verdict == "MISSED" for figure in figures) and not given.short else 0


async def _run(names: list[str], sizes: Sizes) -> list[Figure]:
    figures: list[Figure] = []
    for name in names:
        report = Report(name)
        async with asyncio.timeout(PIECE_SECONDS_MAX):
            await PIECES[name](report, sizes)
        figures += report.figures
    return figures


if __name__ == "__main__":
    sys.exit(main())
