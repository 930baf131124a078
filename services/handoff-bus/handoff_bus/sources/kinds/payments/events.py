"""Money events of payment systems, in the words of kind `standard` and with what the settling needs besides.

The extra fields never leave the bus: they are not part of what an event says.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field, ValidationError

from conveyor.contracts.values import PositiveMoney, Reference, WireMoney
from conveyor.kit.money import Money
from handoff_bus.sources.kinds.payments.amounts import unreadable, wire
from handoff_bus.sources.kinds.standard.schema import PaymentEvent, PaymentIn, RefundEvent, RefundOut


class NamedPayment(PaymentIn):
    """A payment that is known by several names; `lead` is the first of them.

    `told_in_parts` means that other events of the provider tell the same payment in other words: what counts is that
    id, amount and currency are the same.
    """

    more_names: tuple[Reference, ...] = Field(default=(), exclude=True)
    told_in_parts: bool = Field(default=False, exclude=True)


class RunningRefund(RefundOut):
    """A refund told by a running total.

    It stretches from `before` to `before` + `amount`; without `before`, it is told by what is `left` of the payment.

    Stretches that were told already are not given back twice, in whatever order the totals come.
    """

    before: WireMoney | None = Field(default=None, exclude=True)
    left: WireMoney | None = Field(default=None, exclude=True)


class UnnamedRefund(RefundOut):
    """A refund that does not say of which payment: it is looked for among the payments of the same lead.

    `payment_id` is what is stated instead of one, such as `invoice:2401`.
    """

    names: tuple[Reference, ...] = Field(exclude=True)
    stated: tuple[Reference, ...] = Field(default=(), exclude=True)
    """The contract or the invoice in its text; the payment must have come under one of them."""


def payment(
    *,
    payment_id: str,
    at: datetime,
    amount: Money,
    names: Sequence[Reference],
    vat: Money | None = None,
    told_in_parts: bool = False,
) -> PaymentEvent:
    """A payment. Raises UnreadableDelivery for ids and sums that no payment can have."""
    try:
        data = NamedPayment(
            payment_id=payment_id,
            paid_at=at,
            amount=PositiveMoney.model_validate(wire(amount).model_dump()),
            vat=None if vat is None else wire(vat),
            lead=names[0],
            more_names=tuple(names[1:]),
            told_in_parts=told_in_parts,
        )
        return PaymentEvent(type="payment.received", timestamp=at, data=data)
    except ValidationError:
        raise unreadable("", "is no payment") from None


def refund(*, refund_id: str, payment_id: str, at: datetime, amount: Money) -> RefundEvent:
    """A refund with an id and a payment of its own. Raises UnreadableDelivery."""
    return _refund(RefundOut, refund_id=refund_id, payment_id=payment_id, at=at, amount=amount)


def running_refund(*, payment_id: str, at: datetime, before: Money, total: Money) -> RefundEvent:
    """A refund told by a running total; its id is the total. Raises UnreadableDelivery."""
    refund_id = f"{payment_id}:{total.amount_minor}"
    more = {"before": wire(before)}
    return _refund(RunningRefund, refund_id=refund_id, payment_id=payment_id, at=at, amount=total - before, more=more)


def remaining_refund(*, payment_id: str, at: datetime, told: Money, left: Money) -> RefundEvent:
    """A refund told by what is left of its payment; `told` is the sum in the notice. Raises UnreadableDelivery."""
    refund_id = f"{payment_id}:left:{left.amount_minor}"
    more = {"left": wire(left)}
    return _refund(RunningRefund, refund_id=refund_id, payment_id=payment_id, at=at, amount=told, more=more)


def unnamed_refund(
    *, refund_id: str, at: datetime, amount: Money, names: Sequence[Reference], stated: Sequence[Reference]
) -> RefundEvent:
    """A refund that names its payment by the client and what is written. Raises UnreadableDelivery."""
    first = names[0]
    payment_id = "".join(f"{first.system}:{first.value}".split())[:100]
    more = {"names": tuple(names), "stated": tuple(stated)}
    return _refund(UnnamedRefund, refund_id=refund_id, payment_id=payment_id, at=at, amount=amount, more=more)


def _refund(
    model: type[RefundOut],
    *,
    refund_id: str,
    payment_id: str,
    at: datetime,
    amount: Money,
    more: Mapping[str, object] | None = None,
) -> RefundEvent:
    fields: dict[str, object] = {"refund_id": refund_id, "payment_id": payment_id, "refunded_at": at}
    try:
        data = model.model_validate({**fields, "amount": wire(amount).model_dump(), **(more or {})})
        kind: Literal["payment.refunded"] = "payment.refunded"
        return RefundEvent(type=kind, timestamp=at, data=data)
    except ValidationError:
        raise unreadable("", "is no refund") from None
