"""The YAML files as they are written: values, and the line on which each stands."""

from collections.abc import Hashable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from contract.errors import ContractError, shown


class _StrictLoader(yaml.CSafeLoader):
    """YAML as PyYAML reads it, but a key that is given twice is an error, not a silent loss."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem="a key is one word", problem_mark=key.start_mark)
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key.value} is given twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


@cache
def read(path: Path) -> Any:
    """What the file says. Raises ContractError if it is missing or no YAML."""
    try:
        return yaml.load(path.read_bytes(), _StrictLoader)
    except FileNotFoundError:
        raise ContractError(shown(path), "there is no such file") from None
    except OSError as error:
        raise ContractError(shown(path), str(error.strerror)) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ContractError(f"{shown(path)}:{line}", error.problem or "no YAML") from None
    except (yaml.YAMLError, UnicodeError) as error:
        raise ContractError(shown(path), f"no YAML: {error}") from None


def place(path: Path, keys: tuple[str, ...]) -> str:
    """`file:line (key/key)` of a value, or of the innermost one above it that exists."""
    node: yaml.Node | None = yaml.compose(path.read_bytes(), yaml.CSafeLoader)
    line = 1
    for key in keys:
        entry = _entry(node, key)
        if entry is None:
            break
        line, node = entry
    return f"{shown(path)}:{line} ({'/'.join(keys)})"


def _entry(node: yaml.Node | None, key: str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == key:
                return name.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and key.isdigit() and int(key) < len(node.value):
        item = node.value[int(key)]
        return item.start_mark.line + 1, item
    return None
