"""What the mock makes up is valid and the same every time."""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from contract.bundling import Bundle
from contract.formats import FORMATS
from contract.operations import Operation
from contract.schemas import Validators
from mock.answers import Answers
from mock.draw import Draw
from mock.fields.table import FIELDS, KINDS
from mock.fitting import invented
from mock.personas import PERSONAS, Persona
from mock.world import EARLIEST, LATEST, World
from tests.conftest import answer, usual_query

Json = Any


def texts(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)
    elif isinstance(value, str):
        yield value


@pytest.fixture(scope="module")
def validators(contract: Bundle, all_operations: dict[str, Operation]) -> dict[str, Any]:
    compile_schema = Validators(contract.document).compiled
    return {name: compile_schema(o.answer_schema) for name, o in all_operations.items()}


@pytest.mark.long
@pytest.mark.parametrize("seed", range(50))
def test_every_answer_is_valid_with_every_seed(
    contract: Bundle, validators: dict[str, Any], seed: int
) -> None:
    answers = Answers(contract, World(seed=seed))
    language = ("en", "zh-CN", "zh-TW")[seed % 3]
    for name in answers.operations:
        value = answer(answers, name, language, size=5)
        assert list(validators[name].iter_errors(value)) == [], name


PRINT_DIGESTS = """
import sys
from hashlib import sha256
from random import Random
from contract.documents import merged
from mock.answers import Answers
from mock.world import World
from tests.conftest import body
answers = Answers(merged(), World(seed=7))
names = list(answers.operations)
Random(sys.argv[1]).shuffle(names)
bodies = {name: body(answers, name) for name in names}
print(sha256(repr(sorted(bodies.items())).encode()).hexdigest())
"""


@pytest.mark.long
def test_three_processes_give_equal_bytes_whatever_the_order_of_calls() -> None:
    root = Path(__file__).parent.parent
    runs = [
        subprocess.run(
            [sys.executable, "-c", PRINT_DIGESTS, order],
            capture_output=True,
            text=True,
            cwd=root,
            check=True,
            env={"PYTHONPATH": str(root), "PYTHONHASHSEED": order},
        )
        for order in ("1", "2", "3")
    ]
    assert len({run.stdout for run in runs}) == 1
    assert len(runs[0].stdout.strip()) == 64


def test_another_seed_gives_other_data(contract: Bundle, answers: Answers) -> None:
    other = Answers(contract, World(seed=1))
    assert answer(answers, "list_deposits") != answer(other, "list_deposits")


def test_nothing_reads_as_made_by_a_machine(answers: Answers) -> None:
    for name in answers.operations.keys() - {"get_registration_template"}:
        for text in texts(answer(answers, name)):
            assert text.lower() != "string" and "lorem" not in text.lower(), name
            assert not re.match(r"19[0-4][0-9]-", text), (name, text)


def test_people_come_from_the_locales_that_are_asked_for(contract: Bundle) -> None:
    german = Answers(contract, World(locales=("de_DE",)))
    chinese = Answers(contract, World(locales=("zh_CN",)))
    for row in answer(german, "list_ib_clients", size=50)["list"]:
        assert row["full_name"] == f"{row['first_name']} {row['last_name']}"
        assert row["email"].isascii()
    for row in answer(chinese, "list_ib_clients", size=50)["list"]:
        assert row["full_name"] == row["last_name"] + row["first_name"]
        assert not row["full_name"].isascii()


@pytest.mark.long
@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.name)
@pytest.mark.parametrize("locale", ["ja_JP", "ar_SA", "ru_RU"])
def test_every_answer_is_valid_for_every_persona(
    contract: Bundle, validators: dict[str, Any], persona: Persona, locale: str
) -> None:
    answers = Answers(contract, World(seed=11, locales=(locale,)))
    for name, operation in answers.operations.items():
        sent = usual_query(operation)
        value = orjson.loads(answers.body(name, "zh-TW", persona, "ib", sent))
        assert list(validators[name].iter_errors(value)) == [], name


@pytest.mark.parametrize("now", [EARLIEST, LATEST])
def test_every_answer_is_valid_at_the_ends_of_the_clock(
    contract: Bundle, validators: dict[str, Any], now: datetime
) -> None:
    answers = Answers(contract, World(now=now))
    for name in answers.operations:
        assert list(validators[name].iter_errors(answer(answers, name))) == [], name


INVENTED = [
    {"type": "boolean"},
    {"type": "integer", "format": "int64", "minimum": 7, "maximum": 9},
    {"type": "integer", "minimum": -5, "maximum": 2**40},
    {"type": "number", "minimum": -3, "maximum": 10},
    {"type": "string", "enum": ["one", "two"]},
    {"type": "string", "pattern": "^[A-Z]{2}[0-9]{1,9}$", "maxLength": 5},
    {"type": "string", "pattern": "^(red|green)$", "minLength": 4},
    *({"type": "string", "format": f} for f in (*FORMATS, "email", "uri", "date-time")),
    {"type": "string"},
]


@pytest.mark.parametrize("schema", INVENTED, ids=str)
def test_a_field_that_nobody_knows_gets_a_value_that_its_schema_takes(
    contract: Bundle, schema: Json
) -> None:
    validator = Validators(contract.document).compiled(schema)
    values = [invented(schema, Draw(seed, ("thing",)), "field") for seed in range(50)]
    assert all(validator.is_valid(value) for value in values), values
    assert schema == {"type": "string"} or len(set(values)) > 1 or "minLength" in schema


def test_every_fact_belongs_to_a_field_of_the_contract(contract: Bundle) -> None:
    schemas = contract.document["components"]["schemas"]
    fields = {
        (component, name)
        for component, schema in schemas.items()
        for name in schema.get("properties", {})
    }
    names = {name for _, name in fields}
    for key in FIELDS:
        component, _, name = key.rpartition(".")
        assert (component, name) in fields if component else name in names, key
    assert set(KINDS) <= set(schemas)
