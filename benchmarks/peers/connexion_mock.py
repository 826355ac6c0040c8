"""Connexion's own mock: `python -m benchmarks.peers.connexion_mock <port>`."""

import sys

import uvicorn
from connexion.apps.asynchronous import AsyncApp
from connexion.mock import MockResolver

from benchmarks.peers.servers import with_functions
from contract import documents

if __name__ == "__main__":
    app = AsyncApp(__name__, strict_validation=True)
    document = with_functions(documents.merged().document)
    app.add_api(document, base_path="", resolver=MockResolver(mock_all=True))
    uvicorn.run(app, port=int(sys.argv[1]), access_log=False, log_level="critical", lifespan="on")
