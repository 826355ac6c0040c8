"""Answers that are the same for everybody: read once a second, however many ask."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from connexion.lifecycle import ConnexionRequest

from dispatch.answer import Answer, answered
from dispatch.threads import in_loop
from models.tenant import Site
from wlink.fresh import Fresh

Json = Any
_Key = tuple[Site, tuple[tuple[str, Json], ...]]

# They depend on the site that they are asked at and on their parameters, and on nothing else.
KEPT = frozenset(
    """
    get_app_keys get_appearance get_company list_countries list_currencies list_global_leverages
    list_languages get_security_settings get_tenant_version
    """.split()
)


def kept(
    serve: Callable[..., Json], clock: Callable[[], datetime]
) -> Callable[[ConnexionRequest, dict[str, Json]], Awaitable[Answer]]:
    """The same handler, which need not leave the event loop while it knows the answer."""
    answers: Fresh[_Key, Answer] = Fresh(clock)
    in_thread = in_loop(serve)

    async def serve_kept(request: ConnexionRequest, parameters: dict[str, Json]) -> Answer:
        key = (request.scope["site"], tuple(sorted(parameters.items())))
        known = answers.known(key)
        if known is not None:
            return known
        at = clock()
        return answers.keep(key, at, answered(await in_thread(request, parameters)))

    return serve_kept
