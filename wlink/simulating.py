"""Starting the simulator of trading servers, with the payment stand-in beside it."""

import typer

from simulator.answering import Simulator
from simulator.app import simulator_app
from simulator.payment_app import with_payments
from simulator.stand_in import StandIn
from wlink.logs import configure_logs
from wlink.services import utc_now
from wlink.serving import opened, serve
from wlink.settings import settings


def start_simulator(host: str, port: int) -> None:
    """Answers until it is stopped. Raises CannotStartError."""
    configured = settings()
    token = configured.simulator_token_text()
    listener = opened(host, port)
    configure_logs()
    servers = simulator_app(Simulator(configured.data), token, utc_now)
    stand_in = StandIn(configured.data, f"http://{host}:{port}")
    app = with_payments(servers, stand_in, token, utc_now)
    is_given = bool(configured.simulator_token.get_secret_value())
    place = "WLINK_SIMULATOR_TOKEN" if is_given else configured.data / "simulator-token"
    typer.echo(f"The simulator answers on http://{host}:{port}; the token is in {place}")
    serve(app, listener)
