"""One language on one wall clock: what explanations and reasons are put into words with. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from conveyor.bonuses.explanations.absences import Missing, in_russian
from conveyor.bonuses.explanations.numbers import Language
from conveyor.bonuses.explanations.sentences import sentences


@dataclass(frozen=True, slots=True)
class Wording:
    """How somebody is answered."""

    lang: Language
    zone: tzinfo

    def of(self, explanation: Mapping[str, Any]) -> list[str]:
        """A stored explanation, one sentence each."""
        return sentences(explanation, lang=self.lang, zone=self.zone)

    def of_missing(self, missing: Missing) -> str:
        """Why a line is not there."""
        return missing.text if self.lang == "en" else in_russian(missing, zone=self.zone)
