"""Refusals of disputes."""

from conveyor.kit.refusals import Refusal


class DisputeAlreadyOpen(Refusal):
    """You dispute this already; write into the thread that is open."""


class DisputeResolved(Refusal):
    """The dispute has its outcome; raise another one if something new came up."""


class OwnDispute(Refusal):
    """Nobody resolves his own dispute."""

    kind = "forbidden"
