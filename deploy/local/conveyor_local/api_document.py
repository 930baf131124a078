"""Prints the OpenAPI document of one service: `python -m conveyor_local.api_document closing`. Connects to nothing."""

import importlib
import os
import sys

from conveyor.kit.openapi import dump
from conveyor_local.places import ServicePlace, place_of


def _settings(place: ServicePlace) -> dict[str, str]:
    """Settings with which a service can be put together, but never started."""
    return {
        place.variable("DATABASE_URL"): "postgresql://127.0.0.1:1/none",
        place.variable("NATS_URL"): "nats://127.0.0.1:1",
        place.variable("NATS_PASSWORD"): "never-used-here",
        "CONVEYOR_JWKS_URL": "file:///dev/null",
        "CONVEYOR_TOKEN_ISSUER": "none",
    }


def document(service: str) -> str:
    """The text that is committed."""
    place = place_of(service)
    os.environ.update(_settings(place))
    return dump(importlib.import_module(f"{place.package}.main").app().openapi())


if __name__ == "__main__":
    sys.stdout.write(document(sys.argv[1]))
