"""Settings come from the environment, by service and shared, and bad ones do not start."""

import os
from pathlib import Path

import pytest
from pydantic import SecretStr

from conveyor.kit.settings import ServiceSettings, SettingsRefused

GOOD = {
    "CONVEYOR_HANDOFF_BUS_DATABASE_URL": "postgresql://app:9f2c@localhost/bus",
    "CONVEYOR_HANDOFF_BUS_NATS_PASSWORD": "k3-9d",
    "CONVEYOR_NATS_URL": "nats://localhost:4222",
    "CONVEYOR_JWKS_URL": "file:///keys.json",
    "CONVEYOR_TOKEN_ISSUER": "https://issuer.example",
}


class BusSettings(ServiceSettings):
    service: str = "handoff-bus"
    deadline_hours: int = 8


@pytest.fixture(autouse=True)
def good_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("CONVEYOR_")]:
        monkeypatch.delenv(name)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


def test_the_services_own_variable_wins_over_the_shared_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVEYOR_LOG_FORMAT", "console")
    monkeypatch.setenv("CONVEYOR_BACKDATING_DAYS_MAX", "3")
    monkeypatch.setenv("CONVEYOR_HANDOFF_BUS_BACKDATING_DAYS_MAX", "30")

    settings = ServiceSettings(service="handoff-bus")

    assert (settings.log_format, settings.backdating_days_max, settings.nats_user) == ("console", 30, "handoff-bus")
    assert settings.database_url.get_secret_value() == GOOD["CONVEYOR_HANDOFF_BUS_DATABASE_URL"]


def test_a_service_adds_its_own_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVEYOR_HANDOFF_BUS_DEADLINE_HOURS", "4")

    assert BusSettings().deadline_hours == 4


def test_what_is_given_wins_over_the_environment() -> None:
    given = ServiceSettings(service="handoff-bus", database_url=SecretStr("postgresql://x:5b1@h/d"), port=8100)

    assert given.database_url.get_secret_value() == "postgresql://x:5b1@h/d"


def test_secrets_are_not_shown() -> None:
    shown = repr(ServiceSettings(service="handoff-bus"))

    assert "9f2c" not in shown
    assert "k3-9d" not in shown


@pytest.mark.parametrize("name", GOOD)
def test_a_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(name)

    with pytest.raises(SettingsRefused) as refused:
        ServiceSettings(service="handoff-bus")

    assert name in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CONVEYOR_HANDOFF_BUS_DATABASE_URL", "postgresql://app:postgres@localhost/bus"),
        ("CONVEYOR_HANDOFF_BUS_DATABASE_URL", "mysql://app:canary-secret@localhost/bus"),
        ("CONVEYOR_HANDOFF_BUS_DATABASE_URL", "canary-secret"),
        ("CONVEYOR_HANDOFF_BUS_NATS_PASSWORD", "changeme"),
        ("CONVEYOR_HANDOFF_BUS_NATS_PASSWORD", ""),
        ("CONVEYOR_HANDOFF_BUS_PORT", "canary-secret"),
        ("CONVEYOR_HANDOFF_BUS_PORT", "0"),
        ("CONVEYOR_LOG_FORMAT", "canary-secret"),
        ("CONVEYOR_BACKDATING_DAYS_MAX", "-1"),
        ("CONVEYOR_JWKS_URL", "http://issuer.example/jwks"),
    ],
)
def test_a_bad_value_is_refused_by_the_name_of_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsRefused) as refused:
        ServiceSettings(service="handoff-bus")

    assert name in str(refused.value)
    assert "canary-secret" not in str(refused.value)


def test_a_file_of_a_password_takes_its_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "broker").write_text("k3-9d\n", encoding="utf-8")
    monkeypatch.delenv("CONVEYOR_HANDOFF_BUS_NATS_PASSWORD")
    monkeypatch.setenv("CONVEYOR_HANDOFF_BUS_NATS_PASSWORD_FILE", str(tmp_path / "broker"))

    assert ServiceSettings(service="handoff-bus").nats_credential() == "k3-9d"


@pytest.mark.parametrize(("held", "words"), [(None, "cannot be read"), ("postgres\n", "everybody guesses")])
@pytest.mark.parametrize("field", ["DATABASE_PASSWORD_FILE", "NATS_PASSWORD_FILE"])
def test_a_file_of_no_good_password_does_not_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, field: str, held: str | None, words: str
) -> None:
    if held is not None:
        (tmp_path / "file").write_text(held, encoding="utf-8")
    monkeypatch.setenv(f"CONVEYOR_HANDOFF_BUS_{field}", str(tmp_path / "file"))

    with pytest.raises(SettingsRefused) as refused:
        ServiceSettings(service="handoff-bus")

    assert f"CONVEYOR_HANDOFF_BUS_{field}" in str(refused.value)
    assert words in str(refused.value)
    assert "postgres\n" not in str(refused.value)
