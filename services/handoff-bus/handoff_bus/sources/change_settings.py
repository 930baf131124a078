"""Give a source other settings, such as a mapping that was wrong or the address of its API.

Nobody is shown what a source proves itself with, so nobody may have it sent to an address of his choice either: whoever
moves the API to another host gives it again.
"""

import hmac
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from conveyor.kit.database import Database, Transaction
from conveyor.kit.refusals import FieldError, Invalid, NotFound
from handoff_bus.sources.kinds.registry import KINDS
from handoff_bus.sources.queries import SourceView, read_settings, settings_of, view_of
from handoff_bus.sources.rules import checked_settings, host_asked
from handoff_bus.sources.tables import Source, SourceSecret

_ELSEWHERE = "the API's address names another host"


async def change_settings(database: Database, *, source_id: UUID, settings: Mapping[str, Any]) -> SourceView:
    """The source with these settings in place of its own; credentials that are not given stay, on the same host.

    When `api_url` names another host, all have to be given again, and so has the present `secret` where it proves the
    calls. What was read under the old settings stays said; silent deliveries can be replayed. Raises NotFound, Invalid.
    """
    given = {name: value for name, value in settings.items() if name != "secret"}
    async with database.transaction() as tx:
        source = await tx.session.scalar(select(Source).where(Source.source_id == source_id).with_for_update())
        if source is None:
            raise NotFound
        kind = KINDS[source.kind]
        shown, credentials = checked_settings(kind, {**source.credentials, **given})
        is_moved = host_asked(read_settings(kind, shown, credentials)) != host_asked(settings_of(kind, source))
        kept = source.credentials.keys() - given.keys() if is_moved else set[str]()
        errors = [FieldError(f"/settings/{name}", f"must be given again: {_ELSEWHERE}") for name in sorted(kept)]
        if is_moved and kind.authorize is not None:
            if not await _is_present(tx, source_id, settings.get("secret")):
                errors.append(FieldError("/settings/secret", f"must be the present secret: {_ELSEWHERE}"))
        elif "secret" in settings:
            errors.append(FieldError("/settings/secret", "is rotated by itself, with an overlap"))
        if errors:
            raise Invalid(errors=errors)
        source.settings, source.credentials = shown, credentials
        await tx.session.flush()
        return await tx.commit(view_of(source))


async def _is_present(tx: Transaction, source_id: UUID, secret: object) -> bool:
    newest = (
        select(SourceSecret.secret).where(SourceSecret.source_id == source_id).order_by(SourceSecret.secret_id.desc())
    )
    present = await tx.session.scalar(newest.limit(1))
    return present is not None and isinstance(secret, str) and hmac.compare_digest(present.encode(), secret.encode())
