"""`python -m closing.migrate`: bring the database to its newest tables, under the migrator's role."""

from closing.main import MIGRATIONS
from conveyor.kit.migrations.run import upgrade_from_environment

if __name__ == "__main__":
    upgrade_from_environment("closing", MIGRATIONS)
