"""Who may call the mock, and with which token."""

from dataclasses import dataclass

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
    portals: tuple[str, ...]
    about: str
    problem: str | None = None
    registration: Registration = APPROVED

    @property
    def email(self) -> str:
        """What the persona logs in with; any password will do."""
        return f"{self.name.removeprefix('mock-')}@example.com"


CLIENT = Persona("mock-client", ("user", "client"), "a client with an approved registration")
PERSONAS = (
    CLIENT,
    Persona("mock-ib", ("user", "ib"), "an introducing broker"),
    Persona("mock-new", ("user", "client"), "a client that has filled in nothing", None, NEW),
    Persona("mock-anyone", ("user", "client", "ib"), "passes every portal"),
    Persona("mock-expired", (), "a session that is over", "TOKEN_EXPIRED"),
    Persona("mock-disabled", (), "a disabled user", "USER_DISABLED"),
)
PARTNER = Persona(PARTNER_TOKEN, ("tenant", "partner"), "a partner's server (lwork)")


class Tokens:
    """Knows the personas' tokens and those that the mock's own login handed out."""

    def __init__(self, seed: int) -> None:
        self._signer = URLSafeSerializer(f"wlink mock {seed}", salt="session")
        self._personas = {persona.name: persona for persona in PERSONAS}

    def issued(self, email: str, portal: str) -> str:
        """The token that a login hands out."""
        return str(self._signer.dumps([self.by_login(email, portal).name, email]))

    def by_login(self, email: str, portal: str) -> Persona:
        """The persona of that address; everybody else is the portal's usual one."""
        usual = self._personas["mock-ib" if portal == "ib" else "mock-client"]
        return next((p for p in PERSONAS if p.email == email), usual)

    def persona(self, token: str) -> Persona | None:
        """Whose token it is, or None for a stranger's."""
        if token in self._personas:
            return self._personas[token]
        try:
            name, _ = self._signer.loads(token)
        except (BadSignature, ValueError, TypeError):
            return None
        return self._personas.get(name)
