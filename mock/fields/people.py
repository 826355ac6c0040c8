"""Names, addresses and who is who."""

from mock.fields.facts import LETTERS, Facts, from_lower_ib, phrase, when
from mock.personas import Tokens
from mock.records import Record
from mock.texts import data, spoken


def _email(record: Record) -> str:
    if record.component == "Company":
        return "support@trade-max.example"
    name, _, domain = record.person.email.partition("@")
    masked = record.component == "SecurityProfile"
    return f"{name[0]}***@{domain}" if masked else record.person.email


PEOPLE: Facts = {
    "first_name": lambda r: r.person.first_name,
    "last_name": lambda r: r.person.last_name,
    **dict.fromkeys(
        ("full_name", "user_name", "realName", "username", "accountName", "account_holder_name"),
        lambda r: r.person.full_name,
    ),
    **dict.fromkeys(("email", "user_email"), _email),
    "nickname": phrase("nickname"),
    "phone": lambda r: r.person.phone,
    "countryCode": lambda r: r.person.home["dialling"],
    **dict.fromkeys(("contact_phone", "phoneStr"), lambda r: r.person.full_phone),
    "home_phone": lambda r: r.stranger("home").full_phone,
    "birthday": lambda r: r.person.birthday,
    "gender": lambda r: (
        str(int(r.person.gender == "female"))
        if r.component == "LworkAccountBase"
        else r.person.gender
    ),
    **dict.fromkeys(("country", "nationality"), lambda r: r.person.home["country"]),
    **dict.fromkeys(
        ("address", "mailing_address", "residential_address", "idAddress", "beneficiary_address"),
        lambda r: r.person.address,
    ),
    "city": lambda r: spoken(r.person.home["city"], r.scene.language),
    **dict.fromkeys(
        ("province", "residence_province"),
        lambda r: spoken(r.person.home["province"], r.scene.language),
    ),
    "postal_code": lambda r: r.person.home["postal_code"],
    "company_name": lambda r: r.person.job["company"],
    "company_address": lambda r: r.stranger("company").address,
    "industry_attributes": lambda r: r.person.job["industry"],
    "position": lambda r: r.person.job["position"],
    "emergency_contact_name": lambda r: r.stranger("emergency").full_name,
    "emergency_contact_phone": lambda r: r.stranger("emergency").full_phone,
    "emergency_contact_relationship": lambda r: spoken(
        r.draw.choice("relationship", data("people")["relationships"]), r.scene.language
    ),
    "auditor_name": when(
        lambda r: r.status != "pending", lambda r: r.stranger("auditor").full_name
    ),
    "client_user_name": lambda r: r.stranger("client").full_name,
    "ib_user_name": lambda r: (
        r.caller.full_name
        if "rebate_type" not in r.properties
        else r.stranger("sub_ib").full_name
        if from_lower_ib(r)
        else None
    ),
    "sub_ib_user_name": when(from_lower_ib, lambda r: r.stranger("sub_ib").full_name),
    "support_phone": lambda r: "+852 3018 7700",
    "user_type": lambda r: "ib" if "client" not in r.scene.persona.portals else "client",
    "token": lambda r: Tokens(r.world.seed).issued(
        str(r.scene.sent.get("email", r.scene.persona.email)), r.scene.portal
    ),
    "is_registered": lambda r: str(r.scene.sent.get("email", "")).endswith("@example.com"),
    "language": lambda r: r.scene.language,
    "ReferralCode": lambda r: r.draw.text("referral", 6, LETTERS),
    "ReferralLink": lambda r: (
        "https://trade-max.client.example/register?code=" + r.draw.text("referral", 6, LETTERS)
    ),
}
