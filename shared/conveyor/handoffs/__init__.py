"""The inbox of a receiving stage, and who owns what at the stage as dated intervals.

A stage gives its `ReceivingStage` (what acceptance opens, who receives) to the router and the listeners here.
"""

from pathlib import Path

MIGRATIONS = Path(__file__).parent / "migrations" / "versions"
