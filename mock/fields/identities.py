"""Ids, numbers and links of things."""

from mock.fields.facts import HEX, LETTERS, Facts, constant, each, number, phrase, secret
from mock.records import Record


def _referral_code(record: Record) -> str:
    return record.caller.draw.text("referral", 6, LETTERS)


def _session(record: Record) -> str:
    return f"ev-{record.draw.text('session', 8, HEX)}"


IDENTITIES: Facts = {
    "id": lambda r: r.identity,
    "UserInfo.id": lambda r: r.user_id,
    "PayeeCreated.id": lambda r: r.first() + r.total(),
    **each("rebate_id column_id client_user_id", lambda r: r.identity),
    **each("audit_id application_account_id", number("application", 20_100, 20_999)),
    "client_id": lambda r: r.identity + 3000,
    "questionnaire_id": constant(6),
    "questionnaire_name": phrase("questionnaire"),
    "order_number": lambda r: r.order_number,
    "session_id": _session,
    "EVerificationSession.redirect_url": lambda r: f"https://verify.sumsub.example/{_session(r)}",
    "redirect_url": lambda r: f"https://trade-max.client.example/promotions/{r.identity}",
    "recaptcha_android_key": secret("android_key", 40),
    "recaptcha_web_key": secret("web_key", 40),
    "tencent_android_app_id": constant(190_023_930),
    "tencent_ios_app_id": constant(190_023_931),
    "tencent_web_app_id": constant(190_023_932),
    "iframe_link": lambda r: f"https://tools.trade-max.example/{r.identity}",
    "ReferralCode": _referral_code,
    "ReferralLink": lambda r: f"https://trade-max.client.example/register?code={_referral_code(r)}",
    **each("required_password required_password_strength", constant("medium")),
}
