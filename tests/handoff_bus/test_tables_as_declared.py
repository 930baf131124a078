"""What the bus's migrations make is what its code declares."""

import importlib
import pkgutil

import handoff_bus
from conveyor.kit.migrations.drift import differences
from tests.servers import FreshDatabase


def test_tables_are_as_declared(fresh_database: FreshDatabase) -> None:
    for module in pkgutil.walk_packages(handoff_bus.__path__, "handoff_bus."):
        if module.name.endswith(".tables"):
            importlib.import_module(module.name)

    found = differences(fresh_database("handoff-bus").app, packages=["handoff_bus"])

    # The tables of the rooms that it shares with others are compared where those are tested.
    assert [change for change in found if change[0] not in {"remove_table", "remove_index"}] == []
