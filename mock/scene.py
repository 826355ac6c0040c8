from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mock.personas import Persona
from mock.world import World

Json = Any


@dataclass(frozen=True)
class Scene:
    """Who asks for what: the part of a request that values may depend on."""

    world: World
    language: str
    persona: Persona
    portal: str = "client"
    sent: Mapping[str, Json] = field(default_factory=dict)
