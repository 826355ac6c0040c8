"""Who may call the mock, and with which token."""

from dataclasses import dataclass, replace

from itsdangerous import BadSignature, URLSafeSerializer

from mock.registrations import APPROVED, NEW, Registration

PARTNER_TENANT = "mock"
PARTNER_TOKEN = "mock-partner"


@dataclass(frozen=True)
class Persona:
    """Somebody with a ready-made token. `portals` are the security schemes that the token passes;
    `problem` is what every call with it is answered with.
    """

    name: str
    email: str
    portals: tuple[str, ...]
    about: str
    problem: str | None = None
    registration: Registration = APPROVED

    @property
    def is_new(self) -> bool:
        """Whether the persona has nothing yet: no accounts, no orders, no messages."""
        return self.registration is NEW

    def kind_in(self, portal: str) -> str:
        """What kind of user the persona is at a portal that it passes, else at its own."""
        if portal in self.portals:
            return portal
        return "ib" if "ib" in self.portals else "client"


CLIENT = Persona(
    "mock-client",
    "client@example.com",
    ("user", "client"),
    "a client with an approved registration",
)
IB = Persona("mock-ib", "ib@example.com", ("user", "ib"), "an introducing broker")
PERSONAS = (
    CLIENT,
    IB,
    Persona(
        "mock-new",
        "new@example.com",
        ("user", "client"),
        "a client that has filled in nothing",
        registration=NEW,
    ),
    Persona("mock-anyone", "anyone@example.com", ("user", "client", "ib"), "passes every portal"),
    Persona("mock-expired", "expired@example.com", (), "a session that is over", "TOKEN_EXPIRED"),
    Persona("mock-disabled", "disabled@example.com", (), "a disabled user", "USER_DISABLED"),
)
PARTNER = Persona(PARTNER_TOKEN, "", ("tenant", "partner"), "a partner's server (lwork)")


class Tokens:
    """Knows the personas' tokens and those that the mock's own login handed out."""

    def __init__(self, seed: int) -> None:
        self._signer = URLSafeSerializer(f"wlink mock {seed}", salt="session")
        self._personas = {persona.name: persona for persona in PERSONAS}

    def issued(self, persona: Persona) -> str:
        """The token that a login hands out."""
        return str(self._signer.dumps([persona.name, persona.email]))

    def by_login(self, email: str, portal: str) -> Persona:
        """The persona of that address; everybody else is the portal's usual one, with his own."""
        for persona in PERSONAS:
            if persona.email == email.casefold():
                return persona
        return replace(IB if portal == "ib" else CLIENT, email=email)

    def persona(self, token: str) -> Persona | None:
        """Whose token it is, or None for a stranger's."""
        if token in self._personas:
            return self._personas[token]
        try:
            name, email = self._signer.loads(token)
        except (BadSignature, ValueError, TypeError):
            return None
        return replace(self._personas[name], email=email)
