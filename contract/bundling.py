"""One document out of many files: every reference turned inward."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from contract.errors import ContractError, shown
from contract.sources import place, read

Json = Any
Source = tuple[Path, tuple[str, ...]]


@dataclass
class Bundle:
    """One OpenAPI document, and from which file and keys each of its parts came."""

    document: dict[str, Json]
    sources: dict[int, Source] = field(default_factory=dict)

    def place(self, part: Json) -> str:
        """`file:line (keys)` of a mapping or list of the document."""
        path, keys = self.sources[id(part)]
        return place(path, keys)


class Bundler:
    """Follows every reference from the table of contents, once, and moves what it finds under
    `components`; path items are put in place.
    """

    def __init__(self, start: Path) -> None:
        self.start = start
        self.bundle = Bundle({})
        self.components: dict[str, dict[str, Json]] = {}
        self.origins: dict[tuple[str, str], Source] = {}

    def run(self) -> Bundle:
        """The whole document. Raises ContractError where a file or reference is broken."""
        document = self._copied(read(self.start), self.start, ())
        if not isinstance(document, dict):
            raise ContractError(shown(self.start), "there is no document in it")
        own = document.get("components", {})
        document["components"] = {**own, **self.components}
        self.bundle.document = document
        return self.bundle

    def _copied(self, value: Json, path: Path, keys: tuple[str, ...]) -> Json:
        """The value with its references turned inward; remembers where each part came from."""
        if isinstance(value, dict):
            if "$ref" in value:
                return self._reference(value, path, keys)
            result: Json = {
                key if isinstance(key, str) else self._refuse(path, keys, key): self._copied(
                    part, path, (*keys, str(key))
                )
                for key, part in value.items()
            }
        elif isinstance(value, list):
            result = [self._copied(part, path, (*keys, str(n))) for n, part in enumerate(value)]
        else:
            return value
        self.bundle.sources[id(result)] = (path, keys)
        return result

    def _refuse(self, path: Path, keys: tuple[str, ...], key: object) -> str:
        raise ContractError(place(path, (*keys, str(key))), f"the key {key} needs quotes")

    def _reference(self, value: dict[str, Json], path: Path, keys: tuple[str, ...]) -> Json:
        if len(value) > 1:
            raise ContractError(place(path, keys), "a $ref stands alone")
        file, _, fragment = str(value["$ref"]).partition("#")
        target_path = (path.parent / unquote(file)).resolve() if file else path
        target_keys = tuple(
            unquote(key).replace("~1", "/").replace("~0", "~")
            for key in fragment.strip("/").split("/")
        )
        target = read(target_path)
        for key in target_keys:
            if not isinstance(target, dict) or key not in target:
                raise ContractError(place(path, keys), f"{value['$ref']} leads nowhere")
            target = target[key]
        if target_path.parent.name == "paths":
            return self._copied(target, target_path, target_keys)
        section, name = self._section(target_path, target_keys), target_keys[-1]
        known = self.origins.setdefault((section, name), (target_path, target_keys))
        if known != (target_path, target_keys):
            raise ContractError(place(path, keys), f"{name} is also defined in {known[0].name}")
        self._adopt(section, name, target)
        result = {"$ref": f"#/components/{section}/{name}"}
        self.bundle.sources[id(result)] = (path, keys)
        return result

    def _section(self, path: Path, keys: tuple[str, ...]) -> str:
        """`schemas/deposits.yaml#/DepositRow` and `common.yaml#/schemas/Money` are schemas."""
        return keys[0] if len(keys) > 1 else path.parent.name

    def _adopt(self, section: str, name: str, target: Json) -> None:
        """Puts the target under its section of the components, once."""
        entries = self.components.setdefault(section, {})
        if name not in entries:
            entries[name] = None  # a place is kept, so that a circle ends here
            entries[name] = self._copied(target, *self.origins[section, name])
