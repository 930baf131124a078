"""Refusals on the way of a plan version from draft to publication. Pure."""

from conveyor.kit.refusals import Refusal


class PlanOfAnotherRole(Refusal):
    """This plan code belongs to another role."""


class VersionAlreadyPublished(Refusal):
    """This version is published; it never changes. Write a new one."""


class PlanNotSound(Refusal):
    """The lint found errors in this version; write another one without them."""


class WarningsNotAcknowledged(Refusal):
    """The lint found warnings that the approver has not taken note of; name them in acknowledged_warnings."""


class VersionNotReplayed(Refusal):
    """This version was not replayed over closed months to the end yet."""


class AuthorMayNotApprove(Refusal):
    """A second person has to approve the version; its author may not."""


class OwnPlan(Refusal):
    """Nobody approves a plan by which he is paid himself."""


class EffectiveInClosedMonth(Refusal):
    """The version would begin in a month that was closed meanwhile; write another one that begins later."""


class QuotaOfClosedPeriod(Refusal):
    """A month of this period is closed, and its quota with it."""
