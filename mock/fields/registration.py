"""How far a registration and its checks have come."""

from mock.fields.facts import ABSENT, Facts, number, phrase, refused, when

REGISTRATION: Facts = {
    "identity_status": lambda r: r.registration.identity_status,
    "agreement_status": lambda r: r.registration.agreement_status,
    "kyc_status": lambda r: r.registration.kyc_status,
    "apply_status": lambda r: r.registration.apply_status,
    "kyc_way": when(lambda r: r.registration.approved, lambda r: "manual", ABSENT),
    "completed_module": lambda r: list(r.registration.modules),
    "provider": phrase("verification_provider"),
    "retry_times": lambda r: 3,
    "attempt_times": number("attempts", 1, 3),
    "reason_code": when(refused, phrase("verification_refusal.code")),
    "reason_msg": when(refused, phrase("verification_refusal.reason")),
    "source": lambda r: r.draw.choice("source", ("direct", "invite_code", "import")),
}
