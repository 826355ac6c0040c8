"""Who gets what: every operation that is built, for every kind of caller."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from backoffice.users import disable_user
from contract.documents import merged
from contract.operations import operations
from handlers.planned import PLANNED
from models.login_session import LoginSession, token_hash
from models.partner import Partner
from models.tenant import Portal
from tests.payees import BANK, INFO_NAMES, INFOS
from tests.server import Broker, Server

Json = Any

TABLE: dict[str, dict[str, str]] = yaml.safe_load(
    (Path(__file__).parent / "data" / "authorisation.yaml").read_text("utf-8")
)
OPERATIONS = operations(merged().document)
BUILT = OPERATIONS.keys() - PLANNED

BODIES: dict[str, Json] = {
    "login": {"email": "nobody@example.com", "password": "wrong"},
    "reset_password": {"password": "Quarry-lantern-58", "token": "unknown"},
    "send_password_reset_email": {"email": "nobody@example.com"},
    "check_email_registered": {"email": "nobody@example.com"},
    "send_email_code": {"scene": "register", "received_at": 0, "email": "nobody@example.com"},
    "change_password": {"old_password": "wrong", "new_password": "Quarry-lantern-58"},
    "verify_tencent_captcha": {
        **{"app_id": 1, "rand_str": "x", "ticket": "x", "user_ip": "203.0.113.9"},
    },
}
MESSAGE, COLUMN, PAGE = {"id": 1}, {"column_id": 1}, {"page": "1", "size": "20"}
BODIES |= {
    "dismiss_popups": {"ids": [1]},
    "mark_trading_tool_popup_read": COLUMN,
    **{
        f"{deed}_{portal}_message{end}": MESSAGE
        for deed, end in (("hide", ""), ("mark", "_read"))
        for portal in ("client", "ib")
    },
}
WANTED = {
    **{"currency": "USD", "leverage": 100, "password": "Trade-2026x"},
    **{"trading_account_type_id": 1, "trading_platform": "MT4"},
}
BODIES |= {
    "create_account_application": WANTED,
    "create_trading_account": {**WANTED, "is_demo": True},
    "change_leverage": {**MESSAGE, "leverage": 100, "remark": "More, please."},
    "change_trading_password": {**MESSAGE, "password": "Trade-2026x", "type": "trade"},
    "deposit_to_demo_account": {"trading_account_id": 1, "amount": "5.00"},
    "create_payee": {"payment_method": BANK, INFO_NAMES[BANK]: INFOS[BANK]},
    "delete_payee": MESSAGE,
    "update_payee": MESSAGE,
    "create_transfer": {
        **{"amount": "5.00", "remark": ""},
        **{"source_trading_account_id": 1, "target_trading_account_id": 2},
    },
    "create_withdrawal": {
        **{"currency": "USD", "exchange_rate": "1", "fee": "0", "method": BANK},
        **{"remittance_amount": "5.00", "remittance_id": 1},
        **{"trading_account_id": 1, "withdrawal_amount": "5.00"},
        INFO_NAMES[BANK]: {**INFOS[BANK], "account_holder_name": "Lin Mei"},
    },
}
ORDER = {"order_number": "D260115AAAAAAAAAA"}
BODIES |= {
    "cancel_deposit": ORDER,
    "create_deposit_draft": {
        **{"deposit_amount": "500.00", "remittance_id": 1, "trading_account_id": 1},
    },
    "submit_deposit": {**ORDER, "receipt_url": "https://files.example/receipt.png"},
}
QUERIES: dict[str, Json] = {
    "count_deposit_drafts": PAGE,
    "get_deposit_draft": ORDER,
    "list_deposits": PAGE,
    **{f"get_{name}": MESSAGE for name in ("trading_account", "leverage_options")},
    "get_leverage_change_status": MESSAGE,
    "get_payee": MESSAGE,
    "list_trading_accounts": PAGE,
    **{f"list_{orders}": PAGE for orders in ("transfers", "withdrawals")},
    "list_account_types": {**PAGE, "trading_platform": "MT4"},
    "list_account_balances": {"type": "normal"},
    "check_password_reset_token": {"token": "unknown"},
    "list_global_leverages": PAGE,
    "list_crypto_networks": PAGE,
    "get_exchange_rate": {"from_currency": "USD", "to_currency": "USD"},
    "list_channel_currencies": {"remittance_id": "1", **PAGE},
    "list_exchange_rates": PAGE,
    **{f"list_{direction}_channels": PAGE for direction in ("deposit", "withdrawal")},
    "get_trading_tool": COLUMN,
    "check_trading_tool_popup_read": COLUMN,
    **{f"list_{portal}_messages": PAGE for portal in ("client", "ib")},
    **{f"get_{portal}_message": MESSAGE for portal in ("client", "ib")},
}

Headers = dict[str, str]


def bearer(token: str) -> Headers:
    return {"Authorization": f"Bearer {token}"}


def client(broker: Broker) -> Headers:
    return bearer(broker.token(broker.user("client@example.com")))


def expired(broker: Broker) -> Headers:
    user, day = broker.user("client@example.com"), timedelta(days=1)
    opened, token = LoginSession.opened(user.id, broker.server.clock() - 2 * day, day, day)
    broker.server.services.database.write(broker.boundary, lambda session: session.add(opened))
    return bearer(token)


def revoked(broker: Broker) -> Headers:
    headers = client(broker)
    assert broker.call("logout", headers=headers).status_code == 200
    return headers


def disabled(broker: Broker) -> Headers:
    user = broker.user("client@example.com")
    headers = bearer(broker.token(user))
    now = broker.server.clock()
    broker.server.services.database.write(
        broker.boundary, lambda session: disable_user(session, user.id, now)
    )
    return headers


def partner(broker: Broker) -> Headers:
    token = f"partner {broker.number}"
    row = Partner(name="partner", token_hash=token_hash(token))
    broker.server.services.database.write(broker.boundary, lambda session: session.add(row))
    return {"x-api-tenantId": f"t{broker.number}", "x-api-token": token}


def of_portal(portal: Portal) -> Callable[[Broker], Headers]:
    return lambda broker: bearer(broker.token(broker.user(f"{portal}@example.com", portal)))


CALLERS: dict[str, Callable[[Broker], Headers]] = {
    "anonymous": lambda broker: {},
    "unknown": lambda broker: bearer("crm_" + "x" * 43),
    "expired": expired,
    "revoked": revoked,
    "disabled": disabled,
    "client": client,
    "other": lambda broker: bearer(broker.token(broker.user("other@example.com"))),
    "ib": of_portal(Portal.IB),
    "broker": of_portal(Portal.BROKER),
    "foreign": lambda broker: client(broker.server.broker()),
    "partner": partner,
}


def test_every_operation_that_is_built_has_a_row_and_every_caller_a_column() -> None:
    assert TABLE.keys() == BUILT
    for name, row in TABLE.items():
        assert row.keys() == CALLERS.keys(), name


def test_a_row_agrees_with_the_contract() -> None:
    for name, row in TABLE.items():
        codes = {cell.split()[1] for cell in row.values() if cell != "ok"}
        assert codes <= set(OPERATIONS[name].problems), name
        needs_login = bool(OPERATIONS[name].definition["security"])
        assert (row["unknown"] == "401 UNAUTHENTICATED") is needs_login, name


@pytest.fixture(scope="module")
def known(server: Server) -> Callable[[str], tuple[Broker, Headers]]:
    """Each caller at a broker of his own, who serves all his calls but the one that ends them."""

    @cache
    def make(caller: str) -> tuple[Broker, Headers]:
        broker = server.broker()
        return broker, CALLERS[caller](broker)

    return make


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("name", sorted(TABLE.keys() - {"logout"}))
def test_a_caller_gets_what_the_table_says(
    known: Callable[[str], tuple[Broker, Headers]], name: str, caller: str
) -> None:
    require_as_told(*known(caller), name, caller)


@pytest.mark.parametrize("caller", CALLERS)
def test_a_caller_who_logs_out_gets_what_the_table_says(broker: Broker, caller: str) -> None:
    require_as_told(broker, CALLERS[caller](broker), "logout", caller)


def require_as_told(broker: Broker, headers: Headers, name: str, caller: str) -> None:
    body, query = BODIES.get(name), QUERIES.get(name)
    portal = "ib" if caller == "ib" else "client"
    answer = broker.call(name, body, headers=headers, portal=portal, query=query)
    code = answer.json().get("code", "")
    told = f"{answer.status_code} {code}" if code else {200: "ok"}.get(answer.status_code)
    assert told == TABLE[name][caller]


@pytest.mark.parametrize("name", ["create_transfer", "get_ib_dashboard"])
def test_a_token_of_the_other_portal_is_refused(broker: Broker, name: str) -> None:
    wrong = {"client": Portal.IB, "ib": Portal.CLIENT}
    (scheme,) = OPERATIONS[name].schemes
    token = broker.token(broker.user("x@example.com", wrong[scheme]))
    answer = broker.call(name, {}, token=token)
    assert (answer.status_code, answer.json()["code"]) == (403, "WRONG_PORTAL")


@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        ({}, False),
        ({"x-api-token": "other"}, True),
        ({"x-api-tenantId": "other"}, True),
        ({"x-api-token": None}, True),
        ({"x-api-tenantId": None}, True),
    ],
)
def test_a_partner_is_known_by_both_headers(
    broker: Broker, changed: dict[str, str | None], refused: bool
) -> None:
    sent = {**partner(broker), **changed}
    headers = {name: value for name, value in sent.items() if value is not None}
    of_partners = [name for name, each in OPERATIONS.items() if each.document == "lwork"]
    assert len(of_partners) == 15
    statuses = {broker.call(name, headers=headers).status_code for name in of_partners}
    assert (statuses == {401}) is refused
    assert refused or 401 not in statuses


def test_a_partner_of_one_tenant_is_unknown_to_another(broker: Broker) -> None:
    other = broker.server.broker()
    headers = partner(broker)
    assert other.call("login_lwork_user", headers=headers).status_code == 401
