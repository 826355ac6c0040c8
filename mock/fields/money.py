"""Orders of money, channels and payees."""

from mock.fields.facts import ABSENT, HEX, Facts, constant, each, refused, when
from mock.files import icon
from mock.rates import rate
from mock.records import Record
from mock.texts import spoken


def _pay_url(record: Record) -> str:
    return f"https://pay.stripe.example/{record.draw.text('payment', 24, HEX)}"


def _masked_number(record: Record) -> str:
    return f"**** {record.payee.number[-4:]}"


def _masked_wallet(record: Record) -> str:
    return f"{record.payee.wallet[:6]}****{record.payee.wallet[-4:]}"


def _is_newest_of_its_method(record: Record) -> bool:
    """One of the three newest payees, which have three different methods."""
    newest = record.first() + record.total() - 1
    return newest - 3 < record.identity <= newest


MONEY: Facts = {
    **each("amount deposit_amount", lambda r: r.money.amount),
    "fee": lambda r: r.money.fee,
    "exchange_rate": lambda r: rate(
        str(r.scene.sent.get("from_currency", "USD")), str(r.scene.sent.get("to_currency", "CNY"))
    ),
    "currency": constant("USD"),
    "remittance_name": lambda r: spoken(r.money.channel["name"], r.scene.language),
    "account_info": lambda r: spoken(r.money.channel["account_info"], r.scene.language),
    "method": lambda r: r.money.channel["method"],
    "icon": icon,
    "pay_type": when(lambda r: r.money.is_online, constant("redirect")),
    "pay_data": constant(None),
    "pay_url": when(lambda r: r.money.is_online and r.status in ("drafted", ""), _pay_url, ABSENT),
    "receipt_url": constant(None),
    "remark": when(refused, lambda r: r.phrase(f"{r.kind}_remark")),
    "payment_method": lambda r: r.payee.method,
    "bank_country": lambda r: r.payee.bank["country"],
    **each("bank_name bankAccount", lambda r: spoken(r.payee.bank["name"], r.scene.language)),
    **each("branch_name bankBranch", lambda r: spoken(r.payee.bank["branch"], r.scene.language)),
    "bsc_code": lambda r: r.payee.bank["code"],
    **each("swift_code swift", lambda r: r.payee.bank["swift"]),
    **each("bank_no accountNo", lambda r: r.payee.number),
    **each("PayeeBankRow.bank_no PayeeWireRow.bank_no", _masked_number),
    "wallet_address": lambda r: r.payee.wallet,
    "PayeeCryptoRow.wallet_address": _masked_wallet,
    "network": constant("TRC20"),
    "is_default": _is_newest_of_its_method,
}
