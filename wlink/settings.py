"""What a deployment sets, as environment variables that begin with WLINK_."""

import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from contract.errors import CannotStartError
from gateways.secret_box import MIN_SECRET_BYTES


class UnsafeSecretError(CannotStartError):
    """The secret can be read by others, or is too short to be one."""


class Settings(BaseSettings):
    """Read once, by the command line, and handed on. Lists are JSON."""

    model_config = SettingsConfigDict(env_prefix="WLINK_")

    data: Path = Field(default=Path(".wlink"), description="Folder for what is kept in files.")
    database_url: str = Field(default="", description="postgresql://... or sqlite:///file.")
    secret: SecretStr = Field(default=SecretStr(""), description="At least 32 characters.")
    public_address: str = Field(
        default="http://127.0.0.1:8000", description="Where links lead to if no host is known."
    )
    smtp_host: str = Field(default="", description="Mail server; without one mails are kept.")
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_encrypted: bool = True
    mail_sender: str = "wlink <no-reply@localhost>"
    trusted_proxies: str = Field(default="127.0.0.1", description="Whose X-Forwarded-For counts.")
    metrics_token: SecretStr = Field(
        default=SecretStr(""), description="Bearer token for /metrics; without, only loopback."
    )
    rate_limits: bool = True
    docs: bool = Field(default=False, description="Show the contract and its page.")
    worker: bool = Field(default=True, description="Deliver the outbox inside the server.")
    lease_seconds: int = Field(
        default=60, ge=1, description="For which a worker owns what it claimed."
    )

    @model_validator(mode="after")
    def _embedded(self) -> Self:
        if not self.database_url:
            self.database_url = f"sqlite:///{self.data.absolute() / 'wlink.sqlite'}"
        return self

    def secret_bytes(self) -> bytes:
        """The secret that all keys are made of: as set, else that of a file in the data folder,
        which is made at the first start. Raises UnsafeSecretError.
        """
        given = self.secret.get_secret_value().encode()
        if not given:
            return self._kept_secret()
        if len(given) < MIN_SECRET_BYTES:
            raise UnsafeSecretError(f"WLINK_SECRET has fewer than {MIN_SECRET_BYTES} characters")
        return given

    def _kept_secret(self) -> bytes:
        path = self.data / "secret"
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _make_secret(path)
        if path.stat().st_mode & 0o077:
            raise UnsafeSecretError(f"{path} can be read by others: chmod 600 {path}")
        kept = path.read_bytes().strip()
        if len(kept) < MIN_SECRET_BYTES:
            raise UnsafeSecretError(f"{path} has fewer than {MIN_SECRET_BYTES} bytes")
        return kept


def _make_secret(path: Path) -> None:
    """Written aside and then linked into place: of two that start at once, the first one counts,
    and nobody reads half of it.
    """
    with NamedTemporaryFile(dir=path.parent) as file:  # readable for its owner only
        file.write(secrets.token_urlsafe(48).encode())
        file.flush()
        with suppress(FileExistsError):
            path.hardlink_to(file.name)


def settings() -> Settings:
    """What the environment says. Raises CannotStartError; of a value that is wrong, the name."""
    try:
        return Settings()
    except ValidationError as error:
        faults = [(fault["loc"], fault["msg"]) for fault in error.errors(include_input=False)]
        told = "; ".join(f"WLINK_{'_'.join(map(str, loc)).upper()}: {msg}" for loc, msg in faults)
        raise CannotStartError(told) from None
