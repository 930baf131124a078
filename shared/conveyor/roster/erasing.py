"""What the copy of the roster erases of an employee. His payroll number stays: he is paid and taxed under it."""

from conveyor.erasing.steps import Steps, sql

STEPS: Steps = {
    "employee": (
        sql(
            "roster_employees",
            """
            UPDATE roster_employees SET full_name = :pseudonym
            WHERE employee_id = :person_id AND full_name <> :pseudonym
            """,
        ),
    )
}
