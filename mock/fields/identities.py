"""Ids, numbers and links of things."""

from mock.fields.facts import HEX, Facts, from_lower_ib, phrase, secret

IDENTITIES: Facts = {
    "id": lambda r: r.user_id if r.component == "UserInfo" else r.identity,
    **dict.fromkeys(
        ("audit_id", "application_account_id", "rebate_id", "column_id"), lambda r: r.identity
    ),
    "client_user_id": lambda r: (
        r.draw.integer("client_user_id", 5000, 5060) if r.component == "RebateRow" else r.identity
    ),
    "client_id": lambda r: r.identity + 3000,
    "ib_user_id": lambda r: r.draw.integer("ib_user_id", 40, 60) if from_lower_ib(r) else 0,
    "questionnaire_id": lambda r: 6,
    "questionnaire_name": phrase("questionnaire"),
    "order_number": lambda r: r.order_number,
    "session_id": lambda r: f"ev-{r.draw.text('session', 8, HEX)}",
    "recaptcha_android_key": secret("android_key", 40),
    "recaptcha_web_key": secret("web_key", 40),
    "iframe_link": lambda r: f"https://tools.trade-max.example/{r.identity}",
    "redirect_url": lambda r: (
        f"https://verify.sumsub.example/{r.draw.text('session', 8, HEX)}"
        if r.component == "EVerificationSession"
        else f"https://trade-max.client.example/promotions/{r.identity}"
    ),
    "data": secret("data", 24),
    "version": lambda r: "2.8.1",
}
