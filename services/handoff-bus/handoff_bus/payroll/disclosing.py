"""What the gathered batches and their files keep of an employee. Rows name him by his payroll number."""

from typing import Any

from sqlalchemy import ColumnElement, cast, exists, func, select
from sqlalchemy.dialects.postgresql import JSONPATH

from conveyor.disclosing.kept import Condition, Kept, Taken, Withheld
from conveyor.erasing.subjects import Subject
from handoff_bus.employees.tables import Employee
from handoff_bus.payroll.tables import BatchOutcome, GatheredPart, PayrollFileChunk

_ROWS_OF_ONE = cast("$[*] ? (@.payroll_number == $number)", JSONPATH)
_OF_ALL = "it is about everybody in the batch"


def _his_rows(subject: Subject) -> ColumnElement[Any]:
    number = select(Employee.payroll_number).where(Employee.employee_id == subject.subject_id).scalar_subquery()
    wanted = func.jsonb_build_object("number", number)
    return func.jsonb_path_query_array(GatheredPart.rows, _ROWS_OF_ONE, wanted)


def _without_clients(subject: Subject, rows: Any) -> Any:  # noqa: ANN401 - rows as a stage said them
    """What the client is called is the client's."""
    del subject
    return [{name: value for name, value in row.items() if name != "lead"} for row in rows]


def _is_in_part(subject: Subject) -> ColumnElement[bool]:
    return func.jsonb_array_length(_his_rows(subject)) > 0


def _in_his_batches(model: Any) -> Condition:  # noqa: ANN401 - any table with a batch
    return lambda subject: model.batch_id.in_(select(GatheredPart.batch_id).where(_is_in_part(subject)))


def _in_his_files(subject: Subject) -> ColumnElement[bool]:
    named = GatheredPart.batch_id == func.any(func.string_to_array(PayrollFileChunk.batches, "+"))
    return exists().where(named, _is_in_part(subject))


OF_AN_EMPLOYEE = (
    Kept(
        model=GatheredPart,
        of=_is_in_part,
        columns={"rows": Taken(_without_clients, "the rows of the others", _his_rows)},
    ),
    Kept(model=BatchOutcome, of=_in_his_batches(BatchOutcome), columns={"reason": Withheld(_OF_ALL)}),
    Kept(model=PayrollFileChunk, of=_in_his_files, columns={"content": Withheld(_OF_ALL)}),
)
