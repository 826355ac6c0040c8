"""How far a registration and its checks have come."""

from mock.fields.facts import ABSENT, Facts, constant, number, phrase, refused, when

REGISTRATION: Facts = {
    "apply_status": lambda r: r.registration.apply_status,
    "kyc_way": when(lambda r: r.registration.approved, constant("manual"), ABSENT),
    "completed_module": lambda r: list(r.registration.modules),
    "status": lambda r: r.chosen("status"),
    "TemplateEVerify.status": constant("pending"),
    "TemplateEVerify.attempt_times": constant(0),
    "retry_times": constant(3),
    "attempt_times": number("attempts", 1, 3),
    "reason_code": when(refused, phrase("verification_refusal.code")),
    "reason_msg": when(refused, phrase("verification_refusal.reason")),
    "source": lambda r: r.draw.choice("source", ("direct", "invite_code", "import")),
}
