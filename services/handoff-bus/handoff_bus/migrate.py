"""`python -m handoff_bus.migrate`: bring the database to its newest tables, under the migrator's role."""

from conveyor.kit.migrations.run import upgrade_from_environment
from handoff_bus.main import MIGRATIONS

if __name__ == "__main__":
    upgrade_from_environment("handoff-bus", MIGRATIONS)
