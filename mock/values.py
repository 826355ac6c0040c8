"""Values made from a response schema. What wins, in this order: what the request sent, a fixed
entry, an example of the property, its `x-faker`, what the record's facts say of a field of that
name, and at last enum, default, pattern, format and type.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from contract.errors import ContractError
from contract.operations import lookup
from mock.fields.facts import ABSENT
from mock.fields.table import fact
from mock.filters import asked_for
from mock.fitting import fitted, invented
from mock.lists import LISTS, rows
from mock.records import Record
from mock.structures import fixed, referred, shown
from mock.texts import data, spoken

Json = Any

_PYTHON_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "number": (int, float),
}
# Lists that are a part of their record, such as the accounts of a user, are short.
_FEW = 2
# A list of 60 rows takes about 200 kB; there are some 40 lists and few callers and languages.
_KEPT_LISTS = 100


@dataclass(frozen=True)
class Field:
    """A property: its schema as written, the same with references followed (`plain`), and the
    name of the component that it refers to.
    """

    name: str
    schema: dict[str, Json]
    plain: dict[str, Json]
    component: str

    @property
    def said(self) -> dict[str, Json]:
        """The example that stands at the property itself, if there is one."""
        return {key: self.schema[key] for key in ("example",) if key in self.schema}


class Values:
    """Makes values for the schemas of one document."""

    def __init__(self, document: dict[str, Json]) -> None:
        self.document = document
        _check_topics("components", document["components"]["schemas"])
        self._lists: dict[tuple[Json, ...], list[tuple[Record, Json]]] = {}

    def value(self, schema: dict[str, Json], record: Record, name: str = "") -> Json:
        """A value for the schema; `name` is the property that holds it. ABSENT leaves it out."""
        field = self._field(name, schema, record)
        match field.plain["type"]:
            case "object":
                return self._object(field, record)
            case "array":
                return self._array(field, record)
            case _:
                return self._scalar(field, record)

    def _field(self, name: str, schema: dict[str, Json], record: Record) -> Field:
        plain, component = schema, ""
        while "type" not in plain:
            if "$ref" in plain:
                component = plain["$ref"].rpartition("/")[2]
                plain = lookup(self.document, plain)
            elif "allOf" in plain:
                (plain,) = plain["allOf"]
            else:
                listed = isinstance(record.entry.get(name), list)
                plain = next(p for p in plain["oneOf"] if (p["type"] == "array") == listed)
        return Field(name, schema, plain, component)

    def _object(self, field: Field, record: Record) -> dict[str, Json]:
        about = referred(record, field.component, field.name)
        entry = about.entry.get(field.name) if field.name else about.entry
        entry = entry or fixed(about, field.component, field.name)
        parts = field.plain.get("properties", {})
        fields = [self._field(name, part, about) for name, part in parts.items()]
        properties = {part.name: part.plain | part.said for part in fields}
        about = about.within(entry).showing(field.component, properties)
        result = dict(self._properties(field.plain, about))
        extra = field.plain.get("additionalProperties")
        if isinstance(extra, dict):
            further = sorted(about.entry.keys() - result.keys())
            result |= {name: self.value(extra, about, name) for name in further}
        return result

    def _properties(self, plain: dict[str, Json], record: Record) -> Iterator[tuple[str, Json]]:
        for name, part in plain.get("properties", {}).items():
            required = name in plain.get("required", ())
            showing = shown(record, name, required)
            if showing is None:
                yield name, None
            elif showing or required:
                value = self.value(part, record, name)
                if value is not ABSENT:
                    yield name, value
                elif required:
                    yield name, fitted(None, record.properties[name])

    def _array(self, field: Field, record: Record) -> list[Json]:
        items = self._field("", field.plain["items"], record)
        if field.plain.get("maxItems") == 0:
            return []
        if field.name in record.entry:
            entries = record.entry[field.name]
            single = [record.within({field.name: entry}) for entry in entries]
            return [self.value(items.schema, one, field.name) for one in single]
        if items.plain["type"] == "object":
            return self._objects(field, items, record)
        try:
            known = fact(record, field.name, items.component)
        except LookupError:
            known = items.plain.get("enum", [])
        return [fitted(value, items.plain) for value in known]

    def _objects(self, field: Field, items: Field, record: Record) -> list[Json]:
        """Records: those that the request filters for, or a few that are a part of this one."""
        if field.name in LISTS:
            listed = self._whole_list(field, items, record)
            return [row for each, row in listed if asked_for(each, row, record.scene.sent)]
        few = None if items.component in data("reference") else _FEW
        parts = islice(rows(record, field.name, items.component), few)
        return [self.value(items.schema, part) for part in parts]

    def _whole_list(self, field: Field, items: Field, record: Record) -> list[tuple[Record, Json]]:
        """Every record of a list with its row, made once for each caller and language."""
        scene = record.scene
        key = (
            items.component,
            field.name,
            record.kind,
            scene.language,
            scene.persona,
            scene.portal,
        )
        if key not in self._lists:
            if len(self._lists) >= _KEPT_LISTS:
                self._lists.clear()
            # Rows depend on the caller alone, so no request's own values may reach them.
            plain = Record(replace(scene, sent={}), record.kind, scene.persona.name)
            found = rows(plain, field.name, items.component)
            self._lists[key] = [(each, self.value(items.schema, each)) for each in found]
        return self._lists[key]

    def _scalar(self, field: Field, record: Record) -> Json:
        name, plain = field.name, field.plain
        if _echoed(record, field):
            return record.scene.sent[name]
        if name in record.entry:
            return fitted(spoken(record.entry[name], record.scene.language), plain)
        if "example" in field.schema:
            return field.schema["example"]
        if "x-faker" in field.schema:
            return fitted(record.phrase(field.schema["x-faker"]), plain)
        try:
            known = fact(record, name, field.component)
        except LookupError:
            return fitted(invented(plain, record.draw, name), plain)
        if known is ABSENT:
            return ABSENT
        if known not in plain.get("enum", [known]):
            raise AssertionError(f"{record.component}.{name} cannot be {known}")
        return fitted(known, plain)


def _check_topics(place: str, part: Json) -> None:
    """Raises ContractError if an `x-faker` names what texts.yaml does not have."""
    if isinstance(part, dict):
        topic, _, word = part.get("x-faker", "").partition(".")
        phrases = data("texts").get(topic, [])
        if topic and (not phrases or any(word and word not in phrase for phrase in phrases)):
            raise ContractError(place, f"texts.yaml has no {part['x-faker']}")
        for name, inner in part.items():
            _check_topics(f"{place}/{name}", inner)


def _echoed(record: Record, field: Field) -> bool:
    """Whether the request sent a value that this field can show."""
    sent, kind = record.scene.sent.get(field.name), field.plain["type"]
    if sent is None or isinstance(sent, bool) != (kind == "boolean"):
        return False
    return isinstance(sent, _PYTHON_TYPES[kind]) and sent in field.plain.get("enum", [sent])
