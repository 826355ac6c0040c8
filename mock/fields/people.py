"""Names, addresses and who is who."""

from mock.fields.facts import Facts, constant, each, phrase, when
from mock.personas import PERSONAS, Tokens
from mock.records import Record
from mock.texts import spoken


def _masked_email(record: Record) -> str:
    name, _, domain = record.person.email.partition("@")
    return f"{name[0]}***@{domain}"


PEOPLE: Facts = {
    "first_name": lambda r: r.person.first_name,
    "last_name": lambda r: r.person.last_name,
    **each(
        "full_name user_name realName username accountName account_holder_name",
        lambda r: r.person.full_name,
    ),
    **each("email user_email", lambda r: r.person.email),
    "Company.email": constant("support@trade-max.example"),
    "SecurityProfile.email": _masked_email,
    "nickname": phrase("nickname"),
    "phone": lambda r: r.person.phone,
    "LworkLogin.phone": lambda r: r.key if r.key.isdecimal() else r.person.phone,
    "countryCode": lambda r: r.person.home["dialling"],
    **each("contact_phone phoneStr", lambda r: r.person.full_phone),
    "home_phone": lambda r: r.person.home_phone,
    "support_phone": constant("+852 3018 7700"),
    "birthday": lambda r: r.person.birthday,
    "gender": lambda r: r.person.gender,
    "LworkAccountBase.gender": lambda r: "1" if r.person.gender == "female" else "0",
    **each("country nationality", lambda r: r.person.home["country"]),
    **each(
        "address mailing_address residential_address idAddress beneficiary_address",
        lambda r: r.person.address,
    ),
    "city": lambda r: spoken(r.person.home["city"], r.scene.language),
    **each(
        "province residence_province",
        lambda r: spoken(r.person.home["province"], r.scene.language),
    ),
    "postal_code": lambda r: r.person.home["postal_code"],
    "company_name": lambda r: r.person.job["company"],
    "company_address": lambda r: r.person.office,
    "industry_attributes": lambda r: r.person.job["industry"],
    "position": lambda r: r.person.job["position"],
    "emergency_contact_name": lambda r: r.person.relative.full_name,
    "emergency_contact_phone": lambda r: r.person.relative.full_phone,
    "emergency_contact_relationship": lambda r: r.person.relationship,
    "auditor_name": when(
        lambda r: r.status != "pending", lambda r: r.stranger("auditor").full_name
    ),
    "user_type": lambda r: r.scene.persona.kind_in(r.scene.portal),
    "token": lambda r: Tokens(r.world.seed).issued(r.scene.persona),
    "is_registered": lambda r: (
        str(r.scene.sent.get("email", "")).casefold() in [persona.email for persona in PERSONAS]
    ),
    "language": lambda r: r.scene.language,
}
