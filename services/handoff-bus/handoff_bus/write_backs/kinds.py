"""The kinds of source whose CRM can be written to."""

from typing import Any

from handoff_bus.write_backs.amocrm import AMOCRM
from handoff_bus.write_backs.bitrix24 import BITRIX24
from handoff_bus.write_backs.crm import Crm, CrmSettings

CRMS: dict[str, Crm[Any]] = {"amocrm": AMOCRM, "bitrix24": BITRIX24}


def read_settings(crm: Crm[Any], settings: dict[str, Any], credentials: dict[str, Any]) -> CrmSettings:
    """The settings as this CRM reads them. Raises ValidationError."""
    read: CrmSettings = crm.settings.model_validate({**settings, **credentials})
    return read
