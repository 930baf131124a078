"""deploy/compose.yaml and the Dockerfile, as far as they can be checked without a container engine.

compose-spec.json is the official schema (github.com/compose-spec/compose-spec, schema/compose-spec.json of 2026-06-23,
Apache License 2.0).
"""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from conveyor.contracts.registry import SERVICES
from conveyor_local.nats_permissions import all_users
from conveyor_local.places import CHECKOUT, DEPLOY, SERVICE_PLACES
from conveyor_local.service_process import SERVING

Json = dict[str, Any]
SCHEMA = json.loads((Path(__file__).parent / "compose-spec.json").read_text())
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()


@pytest.fixture(scope="module")
def compose() -> Json:
    loaded: Json = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return loaded


def test_the_schema_of_compose_is_kept(compose: Json) -> None:
    jsonschema.Draft7Validator(SCHEMA).validate(compose)


def test_the_schema_names_a_bad_file(compose: Json) -> None:
    bad = json.loads(json.dumps(compose))
    bad["services"]["closing"]["helthcheck"] = {}

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(SCHEMA).validate(bad)


def test_servers_are_of_the_versions_that_the_tests_run(compose: Json) -> None:
    images = {name: compose["services"][name]["image"] for name in ("postgres", "nats")}

    assert images == {"postgres": "postgres:18", "nats": "nats:2.15-alpine"}


def test_whatever_listens_is_published_on_loopback_and_has_a_health_check(compose: Json) -> None:
    listening = {name: part for name, part in compose["services"].items() if "ports" in part}

    assert set(listening) == {"postgres", "nats", *SERVICES}
    for part in listening.values():
        assert all(port.startswith("127.0.0.1:") for port in part["ports"])
        assert "test" in part["healthcheck"]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_waits_for_its_tables_and_for_the_stream(compose: Json, service: str) -> None:
    part = compose["services"][service]
    finished = {"condition": "service_completed_successfully"}

    assert part["depends_on"] == {f"migrate-{service}": finished, "provision": finished}
    assert part["build"]["args"] == {"SERVICE": service}
    assert compose["services"][f"migrate-{service}"]["depends_on"] == {"roles": finished}


@pytest.mark.parametrize("place", SERVICE_PLACES, ids=lambda place: place.name)
def test_a_service_gets_its_own_secrets_and_no_others(compose: Json, place: Any) -> None:
    environment = compose["services"][place.name]["environment"]
    secrets = {name for name in environment if "PASSWORD" in name or "DATABASE" in name or "MIGRATION" in name}

    purging = {place.variable("ERASER_NATS_PASSWORD")} if place.name == "handoff-bus" else set()
    assert secrets == {place.variable("DATABASE_URL"), place.variable("NATS_PASSWORD")} | purging
    assert f"conveyor_{place.package}_app:" in environment[place.variable("DATABASE_URL")]


def test_every_user_of_the_broker_has_its_password(compose: Json) -> None:
    environment = compose["services"]["nats"]["environment"]

    assert {user.password_variable for user in all_users()} <= set(environment)


def test_no_secret_is_written_down_and_the_example_names_all(compose: Json) -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    example = (DEPLOY / "env.example").read_text()
    required = set(re.findall(r"\$\{(CONVEYOR_[A-Z_]+):\?", text))
    offered = dict(line.split("=", 1) for line in example.splitlines() if line and not line.startswith("#"))

    assert set(offered) == required
    assert set(offered.values()) == {""}
    for part in compose["services"].values():
        for name, value in part.get("environment", {}).items():
            assert "PASSWORD" not in name or str(value).startswith("${"), name


def test_files_that_the_image_takes_exist_and_pass_the_ignore_file() -> None:
    taken = re.findall(r"^COPY (?!--from)(\S+) ", DOCKERFILE, re.MULTILINE)
    kept = [line[1:] for line in (CHECKOUT / ".dockerignore").read_text().splitlines() if line.startswith("!")]

    for path in taken:
        for service in SERVICES if "${SERVICE}" in path else [""]:
            named = path.replace("${SERVICE}", service)
            assert (CHECKOUT / named).exists(), named
            assert any(named == each or named.startswith(f"{each}/") for each in kept), named


def test_the_image_checks_hashes_and_does_not_run_as_root() -> None:
    assert "--require-hashes" in DOCKERFILE
    assert re.search(r"^USER (?!0|root)\S+$", DOCKERFILE, re.MULTILINE)
    assert DOCKERFILE.rindex("USER ") < DOCKERFILE.rindex("CMD ")


def test_production_runs_the_versions_that_were_tested() -> None:
    def pins(lock: Path) -> set[str]:
        return set(re.findall(r"^([a-z0-9-]+(?:\[[a-z]+\])?==\S+)", lock.read_text(), re.MULTILINE))

    product, tested = pins(DEPLOY / "requirements.lock"), pins(CHECKOUT / "requirements.lock")

    assert product
    assert product <= tested
    assert not any(pin.startswith(("pytest", "mypy", "pixeltable", "nats-server")) for pin in product)


def test_locks_name_no_download_address() -> None:
    for lock in (DEPLOY / "requirements.lock", CHECKOUT / "requirements.lock"):
        assert "://" not in lock.read_text()


def test_the_image_serves_as_the_local_runner_does() -> None:
    options = DOCKERFILE[DOCKERFILE.rindex("--port 8000 ") :].removeprefix("--port 8000 ").rstrip().removesuffix('"]')

    assert options.split() == [part.removeprefix(f"{CHECKOUT}/") for part in SERVING]
