"""Who answers for personal data in a system that is only tried out, unless the environment names somebody."""

import os

from conveyor_local.places import ServicePlace

_ON_TRIAL = {
    "OPERATOR_NAME": "Conveyor on trial",
    "OPERATOR_ADDRESS": "this machine",
    "RESPONSIBLE_NAME": "whoever runs it",
    "RESPONSIBLE_POSITION": "on trial",
}


def operator_settings(bus: ServicePlace) -> dict[str, str]:
    """What the record of an erasure names."""
    wanted = {name: (bus.variable(name), f"CONVEYOR_{name}") for name in _ON_TRIAL}
    return {
        own: next((value for each in (own, shared) if (value := os.environ.get(each))), _ON_TRIAL[name])
        for name, (own, shared) in wanted.items()
    }
