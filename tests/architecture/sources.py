"""What the guards look at: the files of the checkout, or a sample that pretends to be one."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

CHECKOUT = Path(__file__).resolve().parents[2]
TREES = ("services", "shared", "deploy", "bench", "faults", "verifier", "tests")
_NOT_OURS = frozenset({"__pycache__", ".venv", ".conveyor", "build", "dist", "node_modules"})


@dataclass(frozen=True)
class Source:
    """One file: its path from the checkout's root, and its text."""

    path: PurePosixPath
    text: str

    @classmethod
    def sample(cls, path: str, text: str) -> "Source":
        """A file that does not exist."""
        return cls(PurePosixPath(path), text)

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree, if it is Python."""
        return ast.parse(self.text, filename=str(self.path))

    @property
    def is_python(self) -> bool:
        return self.path.suffix == ".py"

    @property
    def is_test(self) -> bool:
        return self.path.parts[0] == "tests"

    def lies_in(self, *folders: str) -> bool:
        """Whether it lies below one of these folders."""
        return any(self.path.is_relative_to(folder) for folder in folders)

    def at(self, line: int, what: str) -> str:
        """An offence, as a person wants to read it."""
        return f"{self.path}:{line}: {what}"

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and full name of every module and every name imported from one."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.lineno, node.module
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def checkout_files(*suffixes: str) -> list[Source]:
    """Our files with these suffixes below these trees."""
    return [
        Source(PurePosixPath(path.relative_to(CHECKOUT).as_posix()), path.read_text(encoding="utf-8"))
        for tree in TREES
        for path in sorted((CHECKOUT / tree).rglob("*"))
        if path.suffix in suffixes and path.is_file() and not _NOT_OURS & set(path.parts)
    ]
