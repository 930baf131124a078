"""Text cells that a spreadsheet would run as a formula are made harmless (OWASP, CSV injection).

A formula may hide at the start of a cell, or after a separator: a file read with another separator than it was written
with begins a new cell there. In front of such a place stands an apostrophe. Numbers never come here.
"""

import re
from collections.abc import Sequence

# Full-width forms run as formulas in some East Asian builds of Excel.
_STARTS = "=+\\-@＝＋－＠"
# What a reader may strip or skip before it looks for a formula.
_SKIPPED = "\\s\\x00\\ufeff\\u200b\\u2060\"'"
_CONTROL = ("\t", "\r", "\n", "\x00")

# A separator that stands among what is skipped is looked at by itself, so no place is looked at twice.
_FORMULA = re.compile(rf"(^|[,;\t|\n]|\r\n?)(?=(?:(?![\t\r\n])[{_SKIPPED}])*[{_STARTS}])")
_SUSPECT = re.compile(rf"(?:^|[,;\t|\r\n])[{_SKIPPED}]*[{_STARTS}\t\r\n\x00]")


def neutral(text: str) -> str:
    """The text with an apostrophe wherever a spreadsheet would take what follows for a formula."""
    safe = _FORMULA.sub(r"\1'", text)
    return f"'{safe}" if text.startswith(_CONTROL) and not safe.startswith("'") else safe


def neutral_column(cells: Sequence[str]) -> Sequence[str]:
    """The same for many cells: one look over their different texts, as next to none of them is dangerous."""
    different = set(cells)
    if not _SUSPECT.search("\n".join(text for text in different if text)):
        return cells
    return [neutral(cell) for cell in cells]
