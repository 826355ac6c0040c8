"""The shared problem answers, cut down for each operation to the problems that it can have."""

from typing import Any

from contract.bundling import Bundle
from contract.operations import definitions, lookup

Json = Any


def narrow(bundle: Bundle) -> None:
    """Writes common.yaml's answers into the operations, with the examples of their `x-problems`.

    The YAML refers to one answer a status, whose examples are all codes of that status; a reader of
    the bundled document wants to see those of the operation at hand.
    """
    for _, _, operation in definitions(bundle.document):
        answers = operation.get("responses", {})
        for status, reference in answers.items():
            if "$ref" in reference:
                whole = lookup(bundle.document, reference)
                answers[status] = _cut(whole, set(operation.get("x-problems", ())))
                bundle.sources[id(answers[status])] = bundle.sources[id(reference)]
    bundle.document["components"].pop("responses", None)


def _cut(answer: dict[str, Json], codes: set[str]) -> dict[str, Json]:
    content = {
        media: {**body, "examples": {k: v for k, v in body["examples"].items() if k in codes}}
        for media, body in answer["content"].items()
    }
    return {**answer, "content": content}
