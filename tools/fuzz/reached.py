"""Which operations have accepted something."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

# The environment variable that says where server_hooks.py notes every answer.
ANSWERS = "WLINK_FUZZ_ANSWERS"
# Of the operations, how many must have accepted a valid request that chance made.
_SHARE = 0.8


def reached(title: str, names: Iterable[str], answers: Path) -> int:
    """Prints a table of what server_hooks.py has noted; exit code 1 if too few were reached."""
    cases: Counter[str] = Counter()
    valid: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for line in answers.read_text("utf-8").splitlines():
        noted = json.loads(line)
        cases[noted["operation"]] += 1
        if noted["is_valid_fuzz"]:
            valid[noted["operation"]][noted["status"]] += 1
    rows = {name: (cases[name], valid[name]) for name in names}
    missed = [name for name, (_, statuses) in rows.items() if not _accepted(statuses)]
    done = len(rows) - len(missed)
    told = f"; not {', '.join(missed)}" if missed else ""
    print(_table(title, rows), flush=True)
    print(f"fuzz: {title}: {done} of {len(rows)} operations reached{told}", flush=True)
    return int(done < _SHARE * len(rows))


def _table(title: str, rows: dict[str, tuple[int, Counter[int]]]) -> str:
    lines = [f"{title:<28} {'cases':>6} {'valid':>6} {'2xx':>6}  by status"]
    for name, (cases, statuses) in rows.items():
        by_status = ", ".join(f"{status}: {statuses[status]}" for status in sorted(statuses))
        figures = f"{cases:>6} {statuses.total():>6} {_accepted(statuses):>6}"
        lines.append(f"{name:<28} {figures}  {by_status}")
    return "\n".join(lines)


def _accepted(statuses: Counter[int]) -> int:
    return sum(times for status, times in statuses.items() if 200 <= status < 300)
