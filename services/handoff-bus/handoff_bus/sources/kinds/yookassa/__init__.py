"""Kind `yookassa`: notifications without a signature; what counts is the object that the API gives back."""

import secrets

from handoff_bus.sources.kinds.kind import SourceKind, Trust
from handoff_bus.sources.kinds.payments.secrets import plain_key
from handoff_bus.sources.kinds.yookassa.parse import answer, authorize, complete, parse
from handoff_bus.sources.kinds.yookassa.settings import YooKassaSettings
from handoff_bus.sources.kinds.yookassa.verify import verify


def _trust(settings: YooKassaSettings) -> Trust:
    return "address" if settings.networks else "none"


YOOKASSA = SourceKind(
    name="yookassa",
    tells_one=True,
    settings=YooKassaSettings,
    trust=_trust,
    verify=verify,
    parse=parse,
    complete=complete,
    authorize=authorize,
    answer=answer,
    mint_secret=secrets.token_urlsafe,
    read_secret=plain_key,
)
