"""The local command line: `conveyor run`, `conveyor demo`, `conveyor token`. The Makefile is the door to it."""

import signal
import time
from types import FrameType
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console

from conveyor.kit.clock import SystemClock
from conveyor_local.demo import play_demo
from conveyor_local.home import home_from_environment
from conveyor_local.logs import LogStreams
from conveyor_local.new_migration import ROOMS, new_migration
from conveyor_local.places import CHECKOUT
from conveyor_local.processes import UnableToStart
from conveyor_local.real_servers import RealServers
from conveyor_local.stack import LocalStack
from conveyor_local.tokens import HOURS_MAX, HOURS_MIN, TokenIssuer

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Conveyor on one machine.")

_ROLES = ("sdr", "ae", "am", "head", "payroll", "marketing", "admin", "integration", "auditor")


@app.callback()
def conveyor() -> None:
    """Conveyor on one machine."""


@app.command()
def run() -> None:
    """Start the servers and the four services, show their logs, stop everything on Ctrl-C."""
    began = time.monotonic()
    # SIGINT too: a shell starts background jobs with it ignored.
    for which in (signal.SIGINT, signal.SIGTERM):
        signal.signal(which, _interrupt)
    logs = LogStreams()
    stack: LocalStack | None = None
    try:
        stack = LocalStack(
            home_from_environment(), real_servers=RealServers.from_environment(), logs=logs, report=typer.echo
        )
        stack.start()
        _print_addresses(stack, seconds=time.monotonic() - began)
        while True:
            for service in stack.services:
                service.require_running()
            time.sleep(0.5)
    except KeyboardInterrupt:
        typer.echo("\nStopping …")
    except UnableToStart as failed:
        typer.secho(str(failed), err=True, fg=typer.colors.RED)
        raise typer.Exit(1) from failed
    finally:
        # From here on only the deadlines of stopping count; another Ctrl-C changes nothing.
        for which in (signal.SIGINT, signal.SIGTERM):
            signal.signal(which, signal.SIG_IGN)
        if stack is not None:
            stack.stop()
        logs.close()
    typer.echo("Stopped.")


@app.command()
def demo() -> None:
    """Play the golden quarter by the public APIs and signed webhooks, and show pay, payroll file and reasons."""
    console = Console()
    try:
        raise typer.Exit(play_demo(home_from_environment(), console))
    except UnableToStart as failed:
        console.print(str(failed), style="red")
        raise typer.Exit(1) from failed


@app.command()
def token(
    role: Annotated[str, typer.Option(help=f"one of {', '.join(_ROLES)}")],
    employee: Annotated[UUID | None, typer.Option(help="the employee who acts; sdr, ae and am need one")] = None,
    hours: Annotated[int, typer.Option(min=HOURS_MIN, max=HOURS_MAX, help="how long it lives")] = HOURS_MIN,
) -> None:
    """Print a bearer token of the local issuer."""
    if role not in _ROLES:
        msg = f"no such role; one of {', '.join(_ROLES)}"
        raise typer.BadParameter(msg, param_hint="--role")
    typer.echo(TokenIssuer(home_from_environment()).token(role=role, employee_id=employee, hours=hours))


@app.command()
def migration(
    room: Annotated[str, typer.Option(help=f"one of {', '.join(sorted(ROOMS))}")],
    message: Annotated[str, typer.Option(help="what it does, in a few words")],
) -> None:
    """Make an empty migration at the end of a room's branch."""
    try:
        path = new_migration(room=room, message=message, now=SystemClock().now())
    except ValueError as refused:
        raise typer.BadParameter(str(refused)) from refused
    typer.echo(path.relative_to(CHECKOUT))


def _print_addresses(stack: LocalStack, *, seconds: float) -> None:
    typer.echo(f"\nConveyor is ready after {seconds:.1f} s; data in {stack.home}.")
    for service in stack.services:
        typer.echo(f"  {service.place.name:<14} {service.base_url}   document: {service.base_url}/openapi.json")
    typer.echo("A token: `make token role=head`. Stop with Ctrl-C.\n")


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    app()
