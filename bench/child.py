"""A part of a benchmark in a process of its own: it is told by a file and tells by a file.

Not by its output: of one run a generator's half megabyte came torn out of the pipe, and nothing said why.
"""

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import uvloop

from conveyor_local.places import CHECKOUT

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

SECONDS_MAX = 120.0

Spec = TypeVar("Spec")
Told = TypeVar("Told")


async def told_by(
    module: str,
    spec: "DataclassInstance",
    told: Callable[..., Told],
    *,
    folder: Path,
    name: str,
    seconds_max: float = SECONDS_MAX,
    env: Mapping[str, str] | None = None,
) -> Told:
    """Run `python -m <module>` with the spec and give what it told, by fields; its files are `<folder>/<name>.*.json`.

    Raises RuntimeError when it ends with an error, TimeoutError when it is not done in time; it is dead afterwards.
    """
    spec_path, result_path = folder / f"{name}.spec.json", folder / f"{name}.result.json"
    spec_path.write_text(json.dumps(asdict(spec)))
    result_path.unlink(missing_ok=True)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, str(spec_path), str(result_path)), cwd=CHECKOUT, env=env
    )
    try:
        async with asyncio.timeout(seconds_max):
            code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if code != 0:
        msg = f"{module} for {name} ended with {code}"
        raise RuntimeError(msg)
    return told(**json.loads(result_path.read_text()))


def tell(spec: Callable[..., Spec], work: Callable[[Spec], Coroutine[Any, Any, "DataclassInstance"]]) -> None:
    """The whole program of such a process: work on the spec, made of its fields, and tell what came of it."""
    spec_path, result_path = map(Path, sys.argv[1:])
    result_path.write_text(json.dumps(asdict(uvloop.run(work(spec(**json.loads(spec_path.read_text())))))))
