"""What may happen to a batch, and why not."""

from typing import Literal

from conveyor.kit.refusals import Refusal

BatchState = Literal["frozen", "exported", "acknowledged", "paid", "rejected"]


class PeriodNotClosed(Refusal):
    """A batch is made of a closed period; close it first."""


class PayoutBatchExists(Refusal):
    """This period has its batch already."""


class PayrollNumberUnknown(Refusal):
    """Somebody in the batch is not in the roster yet; try again in a moment."""


class BatchNotExported(Refusal):
    """Export the batch before acknowledging it."""


class BatchAlreadyAcknowledged(Refusal):
    """The batch was acknowledged under another run."""


class BatchNotAcknowledged(Refusal):
    """Acknowledge the batch before saying that it is paid."""


class BatchAlreadyPaid(Refusal):
    """The batch is paid; what is wrong in it is corrected by entries of a later one."""


class BatchAlreadyRejected(Refusal):
    """The batch was rejected; its entries wait for the period's next one."""


class ControlTotalsDiffer(Refusal):
    """Your control totals are not those of the batch."""


class LineAlreadyRejected(Refusal):
    """This line was rejected before."""


class EntryInBatch(Refusal):
    """A batch holds this entry already; reject its line there instead."""


class AlreadyOnHold(Refusal):
    """This is on hold already."""


class HoldAlreadyReleased(Refusal):
    """This hold was released already."""


def check_acknowledgeable(state: BatchState) -> None:
    """A batch is acknowledged once it was exported. Raises BatchNotExported, BatchAlreadyPaid, BatchAlreadyRejected."""
    if state == "frozen":
        raise BatchNotExported
    check_changeable(state)


def check_payable(state: BatchState) -> None:
    """A batch is paid once it was acknowledged. Raises BatchNotAcknowledged, BatchAlreadyPaid, BatchAlreadyRejected."""
    check_changeable(state)
    if state != "acknowledged":
        raise BatchNotAcknowledged


def check_changeable(state: BatchState) -> None:
    """What is paid or rejected stays so. Raises BatchAlreadyPaid, BatchAlreadyRejected."""
    if state == "paid":
        raise BatchAlreadyPaid
    if state == "rejected":
        raise BatchAlreadyRejected
