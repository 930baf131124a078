"""How a service erases a lead or a person: its own rows by the steps it names, the facts it keeps by their key.

`subjects` who is erased, `steps` what a service does about it, `erase_here` the one transaction, `carry_out` the worker
that says when nothing is left.
"""

from pathlib import Path

MIGRATIONS = Path(__file__).parent / "migrations" / "versions"
