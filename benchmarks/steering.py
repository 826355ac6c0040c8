"""Every row of the steering contract (tests/data/steering.yaml) sent to wlink's mock and to Prism:
where both answer with one status, where we chose to differ and why. Stops with 1 where a status,
ours or theirs, is not that of the table.

    make bench NAME=steering
"""

import sys
from typing import Any

import httpx2
import yaml

from benchmarks.peers.mocks import MOCKS, READY, ROOT, TOKEN, prepared
from benchmarks.peers.processes import running
from contract import documents
from contract.operations import Operation, lookup, operations

Json = Any
STEERING = yaml.safe_load((ROOT / "tests" / "data" / "steering.yaml").read_text("utf-8"))
PARTNER = {"x-api-tenantId": "mock", "x-api-token": "mock-partner"}


def main() -> None:
    prepared()
    document = documents.merged().document
    known = operations(document)
    alike, chosen, unexplained = 0, [], []
    with (
        running(MOCKS["wlink"], READY, TOKEN) as ours,
        running(MOCKS["Prism, static"], READY, TOKEN) as prism,
    ):
        for row in STEERING["rows"]:
            operation = known[STEERING["requests"][row["to"]]["operation"]]
            statuses = [
                status(server.address, row, operation, document) for server in (ours, prism)
            ]
            wish = f"{row['to']:<9} {row.get('prefer') or row.get('query') or row.get('headers')}"
            line = f"  {wish:<58} {statuses[0]} here, {statuses[1]} there"
            there = row.get("prism", {}).get("status", row["status"])
            if statuses != [row["status"], there]:
                unexplained.append(line)
            elif "prism" in row:
                chosen.append(f"{line}: {row['prism']['why']}")
            else:
                alike += 1
    print(f"{alike} of {len(STEERING['rows'])} rows are answered with the same status.")
    print(f"{len(chosen)} differ because we chose so:", *chosen, sep="\n")
    if unexplained:
        print(f"{len(unexplained)} are not as the table says:", *unexplained, sep="\n")
        sys.exit(1)


def status(address: str, row: dict[str, Json], operation: Operation, document: Json) -> int:
    """What one row is answered with."""
    request = STEERING["requests"][row["to"]]
    headers = PARTNER if operation.document == "lwork" else TOKEN
    headers = {} if request.get("without") == "authorization" else dict(headers)
    headers |= row.get("headers", {})
    if "prefer" in row:
        headers["Prefer"] = row["prefer"]
    given = {p["name"]: p["example"] for p in operation.parameters if "example" in p}
    query = "&".join(f"{name}={value}" for name, value in given.items())
    body = None
    if operation.body:
        media = operation.definition["requestBody"]["content"]["application/json"]
        body = request.get("body", lookup(document, media["examples"]["request"])["value"])
        headers["Content-Type"] = request.get("media_type", "application/json")
    answer = httpx2.request(
        operation.method,
        f"{address}{operation.path}?{query}&{row.get('query', '')}".rstrip("?&"),
        headers=headers,
        json=body,
    )
    return answer.status_code


if __name__ == "__main__":
    main()
