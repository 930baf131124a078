"""What the copy of the roster keeps of an employee."""

from conveyor.disclosing.kept import KeptOf, of_employee
from conveyor.roster.tables import Absence, ChainMember, Employee

KEPT: KeptOf = {"employee": (of_employee(Employee), of_employee(Absence), of_employee(ChainMember))}
