"""A stage's own copy of the roster: employees, chains, the department's calendar. The bus owns the original.

`tables` what is known, `rules` who works when, `queries` reads, `listeners` how the copy is kept.
"""

from pathlib import Path

MIGRATIONS = Path(__file__).parent / "migrations" / "versions"
