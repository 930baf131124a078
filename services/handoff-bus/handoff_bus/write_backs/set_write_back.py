"""Say how a source's CRM is written to, or that it is not."""

from typing import Any, get_args
from uuid import UUID

from pydantic import SecretStr, ValidationError
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from conveyor.kit.database import Database
from conveyor.kit.http.strict_json import pointer_token
from conveyor.kit.quiet_messages import quiet_message
from conveyor.kit.refusals import FieldError, Invalid, Refusal
from handoff_bus.outbound.rules import url_error
from handoff_bus.sources.queries import find_source
from handoff_bus.write_backs.crm import Crm, CrmSettings
from handoff_bus.write_backs.kinds import CRMS, read_settings
from handoff_bus.write_backs.queries import WriteBackSettingsView, find_settings
from handoff_bus.write_backs.tables import WriteBackSettings


class NoWriteBackForKind(Refusal):
    """Only sources of kind amocrm and bitrix24 can be written to."""


async def set_write_back(
    database: Database, *, source_id: UUID, settings: dict[str, Any], private_allowed: bool
) -> WriteBackSettingsView:
    """Write leads that move from now on into this CRM. Raises NotFound, NoWriteBackForKind, Invalid."""
    async with database.transaction() as tx:
        source = await find_source(tx.session, source_id=source_id)
        crm = CRMS.get(source.kind)
        if crm is None:
            raise NoWriteBackForKind(kind_of_source=source.kind)
        read = _checked(crm, settings, private_allowed=private_allowed)
        credentials = _credentials(crm)
        shown = {name: value for name, value in read.model_dump(mode="json").items() if name not in credentials}
        values = {
            "enabled": True,
            "settings": shown,
            "credentials": {name: settings[name] for name in credentials},
            "changed_at": tx.now,
        }
        await tx.session.execute(
            insert(WriteBackSettings)
            .values(source_id=source_id, **values)
            .on_conflict_do_update(index_elements=[WriteBackSettings.source_id], set_=values)
        )
        return await tx.commit(await find_settings(tx.session, source_id=source_id))


async def end_write_back(database: Database, *, source_id: UUID) -> WriteBackSettingsView:
    """Write nothing into this CRM until it is set again; its credentials are forgotten. Raises NotFound."""
    async with database.transaction() as tx:
        await tx.session.execute(
            update(WriteBackSettings)
            .where(WriteBackSettings.source_id == source_id)
            .values(enabled=False, credentials={}, changed_at=tx.now)
        )
        return await tx.commit(await find_settings(tx.session, source_id=source_id))


def _checked(crm: Crm[Any], settings: dict[str, Any], *, private_allowed: bool) -> CrmSettings:
    try:
        read = read_settings(crm, settings, {})
    except ValidationError as refused:
        raise Invalid(
            errors=[
                FieldError("".join(pointer_token(str(part)) for part in error["loc"]), quiet_message(error))
                for error in refused.errors(include_url=False, include_context=False, include_input=False)
            ]
        ) from None
    if wrong := url_error(crm.address(read), private_allowed=private_allowed):
        raise Invalid.field(pointer="/api_url", message=wrong)
    return read


def _credentials(crm: Crm[Any]) -> set[str]:
    fields = crm.settings.model_fields.items()
    return {name for name, field in fields if SecretStr in (field.annotation, *get_args(field.annotation))}
