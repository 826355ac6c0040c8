"""A server that the tests of one module have for themselves: for what looks at all brokers, or
leaves behind what no broker would.
"""

from collections.abc import Iterator

import pytest

from tests.server import DATABASES, Server, database_url, running


@pytest.fixture(scope="module", params=DATABASES)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Once on each database."""
    folder = tmp_path_factory.mktemp("own")
    with database_url(request.param, folder) as url, running(url, folder) as started:
        yield started
