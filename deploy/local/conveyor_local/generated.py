"""Everything that is generated and committed: `make generate` writes it, `make check` fails when it is stale."""

import subprocess
import sys
from pathlib import Path

import typer

from conveyor.contracts import generate as contracts
from conveyor_local import nats_permissions
from conveyor_local.places import CHECKOUT, SERVICE_PLACES

API_DOCUMENTS = CHECKOUT / "docs" / "api"
# A second or two on a machine that has nothing else to do.
DOCUMENT_SECONDS_MAX = 300


def all_files() -> dict[Path, str]:
    """Path and text of each generated file. Raises CalledProcessError when a service's document cannot be made."""
    return {
        **contracts.files(),
        nats_permissions.ACCOUNTS_PATH: nats_permissions.accounts_text(),
        **_api_documents(),
    }


def stale_files(files: dict[Path, str]) -> list[Path]:
    """Those that are not there or say something else."""
    return [path for path, text in files.items() if not path.exists() or path.read_text(encoding="utf-8") != text]


def main(*, check: bool = False) -> None:
    """Write the stale files; with --check name them and exit with 1."""
    files = all_files()
    stale = stale_files(files)
    for path in stale:
        typer.echo(f"{'stale' if check else 'written'}: {path.relative_to(CHECKOUT)}")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[path], encoding="utf-8")
    if check and stale:
        typer.echo("Run `make generate` and commit the result.", err=True)
        raise typer.Exit(1)


def _api_documents() -> dict[Path, str]:
    """Each service in a process of its own, as it runs: their tables may bear the same names."""
    making = {
        API_DOCUMENTS / f"{place.name}.json": subprocess.Popen(
            [sys.executable, "-m", "conveyor_local.api_document", place.name], stdout=subprocess.PIPE, text=True
        )
        for place in SERVICE_PLACES
    }
    made: dict[Path, str] = {}
    for path, process in making.items():
        made[path], _ = process.communicate(timeout=DOCUMENT_SECONDS_MAX)
    for process in making.values():
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, process.args)
    return made


if __name__ == "__main__":
    typer.run(main)
