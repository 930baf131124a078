"""Reads a ResultURL: one payment. It tells no moment, so the moment of its arrival counts; refunds are never told."""

from handoff_bus.sources.kinds.kind import ProviderAnswer
from handoff_bus.sources.kinds.payments.amounts import from_major, unreadable
from handoff_bus.sources.kinds.payments.bodies import form_fields
from handoff_bus.sources.kinds.payments.events import payment
from handoff_bus.sources.kinds.payments.names import in_order, names_in, reference
from handoff_bus.sources.kinds.reading import Reading, Silence
from handoff_bus.sources.kinds.request import RawRequest
from handoff_bus.sources.kinds.robokassa.settings import RobokassaSettings
from handoff_bus.sources.kinds.robokassa.verify import is_extra


def parse(request: RawRequest, settings: RobokassaSettings) -> Reading:
    """The payment of an InvId. Raises UnreadableDelivery."""
    fields = form_fields(request)
    invoice_id = invoice_id_of(fields)
    content = f"{invoice_id}:{fields.get('OutSum', '')}".encode()
    if fields.get("IsTest", "").lower() in {"1", "true"}:
        silence = Silence("test_traffic", "IsTest is set.")
        return Reading(f"test:{invoice_id}", silence=silence, topic="ResultURL", content=content)
    amount = from_major(fields.get("OutSum"), settings.currency, pointer="/OutSum")
    own = {name.lower().removeprefix("shp").removeprefix("_"): fields[name] for name in fields if is_extra(name)}
    names = in_order(
        [*names_in(own), reference(settings.order_is, invoice_id), reference("email", fields.get("EMail"))],
        payment_id=invoice_id,
    )
    event = payment(payment_id=invoice_id, at=request.at, amount=amount, names=names)
    return Reading(invoice_id, (event,), topic="ResultURL", content=content)


def answer(request: RawRequest, _: RobokassaSettings) -> ProviderAnswer:
    """`OK` and the InvId; anything else is called again."""
    return ProviderAnswer(f"OK{form_fields(request).get('InvId', '')}".encode())


def invoice_id_of(fields: dict[str, str]) -> str:
    """The InvId, digits only. Raises UnreadableDelivery."""
    invoice_id = fields.get("InvId", "")
    if not (invoice_id.isascii() and invoice_id.isdigit() and len(invoice_id) <= 20):
        raise unreadable("/InvId", "is no number")
    return invoice_id
