"""The conventions of the house."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# Each room, and the rooms that it may import.
MAY_IMPORT: dict[str, set[str]] = {
    "contract": set(),
    "models": {"contract"},
    "gateways": {"contract", "models"},
    "dispatch": {"contract"},
    "handlers": {"contract", "models", "gateways"},
    "backoffice": {"contract", "models", "gateways"},
    "mock": {"contract", "dispatch", "gateways"},
    "migrations": {"models"},
    "wlink": {"contract", "models", "gateways", "dispatch", "handlers", "backoffice", "mock"},
}
ROOMS = tuple(MAY_IMPORT)
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def imported_rooms(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        yield from (name.partition(".")[0] for name in names)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_imports_only_rooms_below_it(path: Path) -> None:
    own = path.relative_to(ROOT).parts[0]
    assert set(imported_rooms(path)) & set(ROOMS) <= MAY_IMPORT[own] | {own}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_functions_and_files_stay_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) and node.body[1:] else node.body
            assert (node.end_lineno or 0) - body[0].lineno < 50, node.name


def test_path_files_of_the_contract_stay_readable() -> None:
    for path in (ROOT / "openapi").rglob("paths/*.yaml"):
        assert path.read_text(encoding="utf-8").count("\n") <= 400, path


def test_no_module_is_a_drawer_for_odds_and_ends() -> None:
    assert not {path.stem for path in MODULES} & {"utils", "helpers", "misc", "common"}
