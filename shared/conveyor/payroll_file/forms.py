"""The forms in which the payroll file is handed out: what a request asks for, and what writes it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from conveyor.kit.refusals import Invalid
from conveyor.payroll_file.csv_form import CsvForm, Dialect
from conveyor.payroll_file.json_form import JsonForm, JsonLinesForm
from conveyor.payroll_file.profile_form import ProfileForm
from conveyor.payroll_file.profiles.book import profile_named, version_of
from conveyor.payroll_file.profiles.document import Profile
from conveyor.payroll_file.rows import Summary
from conveyor.payroll_file.streaming import Form
from conveyor.payroll_file.xlsx_form import XlsxForm

FileFormat = Literal["csv", "xlsx", "json", "jsonl"]
ProfileName = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9][a-z0-9-]{0,49}$",
        description="Columns of a payroll program: onec-zup, onec-zup-cp1251, datev-lodas, adp, gusto, or your own.",
        examples=["onec-zup"],
    ),
]

STD_CSV = "csv-std"
"""The form that a batch's control hash is taken over."""

_MEDIA_TYPES: dict[FileFormat, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "jsonl": "application/x-ndjson",
}
DOWNLOAD = {
    "content": {media_type.partition(";")[0]: {} for media_type in _MEDIA_TYPES.values()},
    "description": "The file.",
}
"""What a download answers, for the API document."""

_WRITERS: dict[str, Callable[[Summary], Form]] = {
    STD_CSV: lambda _: CsvForm(dialect="std"),
    "csv-ru": lambda _: CsvForm(dialect="ru"),
    "xlsx": lambda _: XlsxForm(),
    "json": JsonForm,
    "jsonl": lambda _: JsonLinesForm(),
}


@dataclass(frozen=True, slots=True)
class WantedFile:
    """One form of the file. Bytes are stored under `code`: another profile document is another code."""

    code: str
    file_format: FileFormat
    profile: Profile | None = None

    @property
    def media_type(self) -> str:
        """The type of the answer."""
        if self.profile is not None:
            return f"text/csv; charset={self.profile.encoding.removesuffix('-sig')}"
        return _MEDIA_TYPES[self.file_format]

    def file_name(self, batch: str) -> str:
        """What the download is called."""
        return self.profile.name_of_file(batch) if self.profile else f"{batch}.{self.file_format}"

    def writer(self, summary: Summary) -> Form:
        """What turns rows into its bytes."""
        return ProfileForm(self.profile) if self.profile else _WRITERS[self.code](summary)


def wanted_file(*, file_format: FileFormat = "csv", dialect: Dialect = "std", profile: str | None = None) -> WantedFile:
    """What was asked for. Raises Invalid for an unknown profile, or one with another format than CSV."""
    if profile is not None:
        if file_format != "csv":
            raise Invalid.field("/profile", "a profile has its own format; leave the format out")
        found = profile_named(profile)
        return WantedFile(code=f"{found.code}-{version_of(found)}", file_format="csv", profile=found)
    code = f"csv-{dialect}" if file_format == "csv" else file_format
    return WantedFile(code=code, file_format=file_format)
