"""Why a payroll program could not take a row; nothing is replaced by a question mark or left out in silence."""

from conveyor.kit.refusals import Refusal


class PayrollTextUnencodable(Refusal):
    """A text has a character that this profile's encoding does not have; `row`, `field` and `character` name it."""


class PayrollTextUnfit(Refusal):
    """A text has a separator or a line break, which this profile has no quotes for; `row` and `field` name it."""


class PayrollNumberUnfit(Refusal):
    """A payroll number is not what this profile's program takes; `row` and `payroll_number` name it."""


class PayrollNumbersAlike(Refusal):
    """This profile writes the `payroll_numbers` of two people alike; its program would pay one of them for both."""


class WageTypeUnknown(Refusal):
    """This profile has no wage type for the `component`; add it to its document."""


class CurrenciesMixed(Refusal):
    """This profile's file has no currency; make one of a batch in one currency."""
