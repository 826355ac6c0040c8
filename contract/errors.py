from pathlib import Path


class ContractError(Exception):
    """The contract is broken: one line that says where and what, for the one who edits the YAML."""

    def __init__(self, place: str, fault: str) -> None:
        super().__init__(f"{place}: {fault}")


def shown(path: Path) -> str:
    """The path as a reader would type it: from where he stands, if the file is below."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


class CannotStartError(Exception):
    """What keeps a server or a command from starting, in one line for whoever started it."""


class RefusedError(Exception):
    """What an operator wants cannot be done; says why, in words for him."""
