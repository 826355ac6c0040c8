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
    "ledger": {"contract", "models"},
    "simulator": set(),
    "gateways": {"contract", "models", "simulator"},
    "trading": {"contract", "models", "ledger", "gateways"},
    "cashier": {"contract", "models", "ledger", "gateways", "trading"},
    "dispatch": {"contract"},
    "handlers": {"contract", "models", "ledger", "gateways", "trading", "cashier"},
    "backoffice": {"contract", "models", "ledger", "gateways", "trading", "cashier"},
    "mock": {"contract", "dispatch", "gateways"},
    "migrations": {"models"},
    "wlink": {
        *("contract", "models", "ledger", "simulator", "gateways", "trading", "cashier"),
        *("dispatch", "handlers", "backoffice", "mock"),
    },
}
ROOMS = tuple(MAY_IMPORT)
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


# What only the ledger makes.
_ROWS = {"LedgerEntry", "LedgerTransaction"}


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


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_money_moves_in_the_ledger_alone(path: Path) -> None:
    moves = list(_moves_of_money(ast.parse(path.read_text(encoding="utf-8"))))
    assert not moves or path == ROOT / "ledger" / "writing.py"


def test_the_ledger_does_move_money() -> None:
    """Else nobody would be looked for under the right names."""
    tree = ast.parse((ROOT / "ledger" / "writing.py").read_text(encoding="utf-8"))
    assert set(_moves_of_money(tree)) == {"LedgerEntry", "LedgerTransaction", "posted", "held"}


def _moves_of_money(tree: ast.AST) -> Iterator[str]:
    """Rows that are made, and balances that are set."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield from {node.attr} & {"posted", "held"}
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            named = {each.id for each in (node.func, *node.args) if isinstance(each, ast.Name)}
            if node.func.id in {"made", "inserted", "insert", "update", *_ROWS}:
                yield from named & _ROWS
