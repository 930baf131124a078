"""Calls operations of the running services as whoever one likes."""

import itertools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from conveyor.kit.http.auth import ROLES_THAT_NAME_THE_EMPLOYEE
from conveyor_local.department import STAGES
from tests.security.access_table import Operation
from tests.security.calls import CALLS, PLAIN, Call
from tests.security.world import World

_numbers = itertools.count(1)
ROLE_AT = {stage: role for role, stage in STAGES.items()}
_NAMED = re.compile(r"\$(\w+)")


@dataclass(frozen=True)
class Who:
    """A caller: nobody, a role, or a person of the line."""

    role: str | None
    employee_id: str | None = None


@dataclass
class Caller:
    """Calls one service."""

    world: World
    service: str
    client: httpx2.AsyncClient

    async def call(
        self,
        operation: Operation,
        who: Who,
        *,
        query: dict[str, str] | None = None,
        more: Mapping[str, str] | None = None,
        unknown: str | None = None,
        body: Any = None,
    ) -> httpx2.Response:
        """One call as the operation wants it; `query` and `body` go instead of its own, `more` fields are added.

        `unknown` stands for every object.
        """
        spec = CALLS[self.service].get(operation.name, PLAIN)
        if body is not None:
            spec = replace(spec, body=body)
        method, template = operation.name.split(" ", 1)
        headers = self.world.bearer(who.role, who.employee_id) if who.role else {}
        if method == "POST":
            headers |= {"Idempotency-Key": f"k-{next(_numbers)}"}
        if any(one.get("name") == "If-Match" for one in operation.described.get("parameters", ())):
            headers |= {"If-Match": spec.etag or await self._etag(template, spec, who)}
        return await self.client.request(
            method,
            self._path(template, spec, who, unknown=unknown),
            params=self._filled(dict(spec.query) if query is None else query, who, unknown=unknown),
            headers=headers,
            **self._content(spec, who, more or {}),
        )

    async def _etag(self, template: str, spec: Call, who: Who) -> str:
        """Of the object itself, else of the one it belongs to."""
        path = self._path(template, spec, who)
        for candidate in (path, path.rpartition("/")[0], path.rpartition("/")[0].rpartition("/")[0]):
            answer = await self.client.get(candidate, headers=self.world.bearer("admin"))
            if answer.is_success and "etag" in answer.headers:
                return str(answer.headers["etag"])
        return '"1"'

    def _path(self, template: str, spec: Call, who: Who, *, unknown: str | None = None) -> str:
        def named(match: re.Match[str]) -> str:
            value = spec.path.get(match[1], f"${match[1]}")
            return str(self._filled(value, who, unknown=unknown))

        return re.sub(r"{(\w+)}", named, template)

    def _content(self, spec: Call, who: Who, more: Mapping[str, str]) -> dict[str, Any]:
        if spec.files is not None:
            return {"files": {name: (file, text.encode()) for name, (file, text) in spec.files.items()}}
        if spec.content is not None:
            return {"content": spec.content}
        body = self._filled(spec.body, who)
        if isinstance(body, dict) and who.role not in ROLES_THAT_NAME_THE_EMPLOYEE and _acts(spec.body):
            body.pop("employee_id")
        return {"json": {**body, **more} if isinstance(body, dict) else body}

    def _filled(self, value: Any, who: Who, *, unknown: str | None = None) -> Any:
        owner = self.world.owners.get(ROLE_AT.get(self.service, "sdr"), "")
        names, own = self.world.names[self.service], f"_of_{who.role}"
        now = datetime.now(tz=UTC)
        next_year = now + timedelta(days=365)
        things = {
            "owner": owner,
            "actor": owner,
            "n": str(next(_numbers)),
            "now": now.isoformat(),
            "next_year": next_year.isoformat(),
            "next_year_day": next_year.date().isoformat(),
            **names,
            **{name.removesuffix(own): thing for name, thing in names.items() if name.endswith(own)},
        }
        if unknown is not None:
            things |= {name: unknown for name in things if name == "owner" or name.endswith("_id")}
        return json.loads(_NAMED.sub(lambda match: things[match[1]], json.dumps(value)))


def _acts(body: Any) -> bool:
    return isinstance(body, dict) and body.get("employee_id") == "$actor"
