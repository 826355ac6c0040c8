"""Orders of money, channels and payees."""

from decimal import Decimal

from mock.fields.facts import ABSENT, HEX, Facts, dollars, phrase, refused, when
from mock.files import picture
from mock.rates import rate
from mock.texts import spoken

MONEY: Facts = {
    **dict.fromkeys(
        ("amount", "deposit_amount"),
        lambda r: r.order.rebate if r.component == "RebateDetailRow" else r.amount,
    ),
    "fee": lambda r: Decimal(r.draw.choice("fee", ("0.00", "0.00", "5.00"))),
    "total_amount": dollars("total_amount", 5, 900),
    "exchange_rate": lambda r: rate(
        str(r.scene.sent.get("from_currency", "USD")), str(r.scene.sent.get("to_currency", "CNY"))
    ),
    **dict.fromkeys(("currency", "base_currency", "quote_currency"), lambda r: "USD"),
    **dict.fromkeys(
        ("remittance_name", "name"),
        lambda r: spoken(r.channel["name"], r.scene.language),
    ),
    "account_info": lambda r: spoken(r.channel["account_info"], r.scene.language),
    "method": lambda r: r.channel["method"],
    "payment_method": lambda r: r.payout_method,
    "icon": lambda r: picture(r, "channel"),
    "pay_type": when(lambda r: r.channel["method"] != "offline", lambda r: "redirect"),
    "pay_data": lambda r: None,
    "pay_url": when(
        lambda r: r.channel["method"] != "offline" and r.status in ("drafted", ""),
        lambda r: f"https://pay.stripe.example/{r.draw.text('payment', 24, HEX)}",
        ABSENT,
    ),
    "receipt_url": lambda r: None,
    "remark": when(refused, phrase("audit_remark")),
    "bank_country": lambda r: r.bank["country"],
    "bank_name": lambda r: spoken(r.bank["name"], r.scene.language),
    "branch_name": lambda r: spoken(r.bank["branch"], r.scene.language),
    "bsc_code": lambda r: r.bank["code"],
    "swift_code": lambda r: r.bank["swift"],
    "bank_no": lambda r: (
        f"**** {r.bank_number[-4:]}" if r.component.endswith("Row") else r.bank_number
    ),
    "wallet_address": lambda r: (
        f"{r.wallet[:6]}****{r.wallet[-4:]}" if r.component.endswith("Row") else r.wallet
    ),
    "network": lambda r: "TRC20",
    "is_default": lambda r: r.is_newest_of_its_method,
}
