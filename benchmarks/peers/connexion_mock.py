"""Connexion's own mock: `python -m benchmarks.peers.connexion_mock <port>`.

It answers 500 to everything where an operation has two media types. So the problems are left out.
"""

import sys

import uvicorn
from connexion.apps.asynchronous import AsyncApp
from connexion.mock import MockResolver

from benchmarks.peers.servers import with_functions
from contract import documents
from contract.operations import definitions

if __name__ == "__main__":
    app = AsyncApp(__name__, strict_validation=True)
    document = with_functions(documents.merged().document)
    for _, _, operation in definitions(document):
        operation["responses"] = {"200": operation["responses"]["200"]}
    app.add_api(document, base_path="", resolver=MockResolver(mock_all=True))
    uvicorn.run(app, port=int(sys.argv[1]), access_log=False, log_level="critical", lifespan="on")
