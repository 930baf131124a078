"""The one list of kinds."""

from typing import Any

from handoff_bus.sources.kinds.aircall.kind import AIRCALL
from handoff_bus.sources.kinds.amocrm.kind import AMOCRM
from handoff_bus.sources.kinds.asterisk.kind import ASTERISK
from handoff_bus.sources.kinds.bitrix24.kind import BITRIX24
from handoff_bus.sources.kinds.bitrix24_telephony.kind import BITRIX24_TELEPHONY
from handoff_bus.sources.kinds.cloudevents.kind import CLOUDEVENTS
from handoff_bus.sources.kinds.cloudpayments import CLOUDPAYMENTS
from handoff_bus.sources.kinds.hubspot.kind import HUBSPOT
from handoff_bus.sources.kinds.kind import SourceKind
from handoff_bus.sources.kinds.mango.kind import MANGO
from handoff_bus.sources.kinds.mapped.kind import MAPPED
from handoff_bus.sources.kinds.onec_bank import ONEC_BANK
from handoff_bus.sources.kinds.pipedrive.kind import PIPEDRIVE
from handoff_bus.sources.kinds.robokassa import ROBOKASSA
from handoff_bus.sources.kinds.salesforce.kind import SALESFORCE
from handoff_bus.sources.kinds.standard.kind import STANDARD
from handoff_bus.sources.kinds.stripe import STRIPE
from handoff_bus.sources.kinds.tbank import TBANK
from handoff_bus.sources.kinds.twilio.kind import TWILIO
from handoff_bus.sources.kinds.uis.kind import UIS
from handoff_bus.sources.kinds.yookassa import YOOKASSA
from handoff_bus.sources.kinds.zadarma.kind import ZADARMA

_ALL: tuple[SourceKind[Any], ...] = (
    STANDARD,
    MANGO,
    UIS,
    ZADARMA,
    ASTERISK,
    TWILIO,
    AIRCALL,
    BITRIX24_TELEPHONY,
    AMOCRM,
    BITRIX24,
    HUBSPOT,
    PIPEDRIVE,
    SALESFORCE,
    CLOUDEVENTS,
    MAPPED,
    CLOUDPAYMENTS,
    ONEC_BANK,
    ROBOKASSA,
    STRIPE,
    TBANK,
    YOOKASSA,
)
KINDS: dict[str, SourceKind[Any]] = {kind.name: kind for kind in _ALL}
"""Every kind by its name; a new one is a folder here and a line above."""
