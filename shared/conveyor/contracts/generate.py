"""Writes what follows from the registry: a JSON schema per fact and the AsyncAPI document.

`python -m conveyor.contracts.generate` writes; `--check` only compares and exits 1 when a file is stale.
A released schema changes only by optional additions (see `breaking_changes`); anything else is a new version.
"""

import json
import sys
from pathlib import Path
from typing import Any

from conveyor.contracts.envelope import Envelope
from conveyor.contracts.registry import FACT_KINDS, SERVICES, FactKind

ROOT = Path(__file__).resolve().parents[3]
SCHEMAS = ROOT / "shared" / "schemas"
SAMPLES = ROOT / "shared" / "samples"
ASYNCAPI = ROOT / "docs" / "events" / "asyncapi.json"
CATALOGUE = ROOT / "docs" / "events" / "README.md"


def schema_of(kind: FactKind) -> dict[str, Any]:
    """The JSON schema of a fact's data."""
    schema = kind.model.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": kind.code, **schema}


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3.0 document: a channel per fact and publisher, on the one stream."""
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for kind in FACT_KINDS:
        for owner in kind.owners:
            name = f"{owner}.{kind.code}"
            channels[name] = {
                "address": f"{kind.type_for(owner)}.{{key}}",
                "parameters": {"key": {"description": _key_text(kind)}},
                "messages": {kind.code: {"$ref": f"#/components/messages/{kind.code}"}},
            }
            operations[f"say.{name}"] = {"action": "send", "channel": {"$ref": f"#/channels/{name}"}}
    messages = {
        kind.code: {
            "name": kind.code,
            "title": kind.model.__name__,
            "summary": " ".join((kind.model.__doc__ or "").split()),
            "contentType": "application/cloudevents+json",
            "payload": {"$ref": f"../../shared/schemas/{kind.code}.json"},
        }
        for kind in FACT_KINDS
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Conveyor facts",
            "version": "1",
            "description": "CloudEvents 1.0 in JSON on the JetStream stream CONVEYOR. Generated from the registry.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": {"Envelope": Envelope.model_json_schema()}},
    }


def catalogue() -> str:
    """The facts as a page for people: who says what, under which key."""
    lines = [
        "# Facts",
        "",
        "Generated from `shared/conveyor/contracts/registry.py` by `make generate`; do not edit.",
        "The subject is `conveyor.<service>.<fact>.v<n>.<key>`. Every service hears the whole stream.",
        "",
        "| fact | says | key | what it means |",
        "|---|---|---|---|",
    ]
    for kind in FACT_KINDS:
        meaning = " ".join((kind.model.__doc__ or "").split())
        lines.append(f"| `{kind.code}` | {', '.join(kind.owners)} | {_key_text(kind)} | {meaning} |")
    return "\n".join([*lines, "", f"Services: {', '.join(SERVICES)}.", ""])


def files() -> dict[Path, str]:
    """Every generated file with the text it must have."""
    wanted = {SCHEMAS / f"{kind.code}.json": _text(schema_of(kind)) for kind in FACT_KINDS}
    return {**wanted, ASYNCAPI: _text(asyncapi()), CATALOGUE: catalogue()}


def stale() -> list[Path]:
    """Generated files that differ from what the registry says, or that no fact stands behind."""
    wanted = files()
    differing = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    return differing + sorted(path for path in SCHEMAS.glob("*.json") if path not in wanted)


def breaking_changes(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What a reader or writer of the old data schema would stumble over: only optional additions are allowed."""
    found: list[str] = []
    old_fields, new_fields = old.get("properties", {}), new.get("properties", {})
    found += [f"field {name} was removed" for name in old_fields if name not in new_fields]
    found += [
        f"field {name} changed its shape"
        for name, shape in old_fields.items()
        if name in new_fields and _shape(shape) != _shape(new_fields[name])
    ]
    newly_required = set(new.get("required", ())) - set(old.get("required", ()))
    found += [f"field {name} became required" for name in sorted(newly_required)]
    for name, definition in old.get("$defs", {}).items():
        if name in new.get("$defs", {}):
            found += [f"{name}: {change}" for change in breaking_changes(definition, new["$defs"][name])]
    return found


def _shape(schema: dict[str, Any]) -> str:
    return json.dumps(
        {key: value for key, value in schema.items() if key not in {"title", "description"}}, sort_keys=True
    )


def _key_text(kind: FactKind) -> str:
    return " or ".join(kind.key) if kind.key else "`department`"


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write all files, or with `--check` name the stale ones."""
    if "--check" in arguments:
        outdated = stale()
        for path in outdated:
            print(f"stale: {path.relative_to(ROOT)} (run make generate)")  # noqa: T201 - a command's output
        return 1 if outdated else 0
    for path, text in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
