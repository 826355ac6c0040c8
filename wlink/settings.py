"""What a deployment sets, as environment variables that begin with WLINK_."""

import math
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Self

from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
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
    simulator_token: SecretStr = Field(
        default=SecretStr(""), description="Of wlink simulator; at least 32 characters."
    )
    rate_limits: bool = True
    docs: bool = Field(default=False, description="Show the contract and its page.")
    worker: bool = Field(default=True, description="Deliver the outbox inside the server.")
    lease_seconds: int = Field(
        default=60, ge=1, description="For which a worker owns what it claimed."
    )
    trading_doubt_seconds: int = Field(
        default=60,
        ge=1,
        description="For which a trading server must not know an operation that is sent again.",
    )
    trading_call_seconds: float = Field(
        default=10,
        gt=0,
        description="Within which a trading server must have answered.",
        validate_default=True,
    )
    refresh_seconds: int = Field(
        default=60, ge=1, description="After which accounts are read anew from trading servers."
    )

    @field_validator("trading_call_seconds")
    @classmethod
    def _within_doubt(cls, seconds: float, told: ValidationInfo) -> float:
        """What is still on its way must not be believed to be lost."""
        if seconds >= told.data.get("trading_doubt_seconds", math.inf):
            raise ValueError("must be less than WLINK_TRADING_DOUBT_SECONDS")
        return seconds

    @model_validator(mode="after")
    def _embedded(self) -> Self:
        if not self.database_url:
            self.database_url = f"sqlite:///{self.data.absolute() / 'wlink.sqlite'}"
        return self

    def secret_bytes(self) -> bytes:
        """The secret that all keys are made of: as set, else that of a file in the data folder,
        which is made at the first start. Raises UnsafeSecretError.
        """
        return _given("WLINK_SECRET", self.secret) or _kept(self.data / "secret")

    def simulator_token_text(self) -> str:
        """Which callers of the simulator must show; set, or kept like the secret."""
        given = _given("WLINK_SIMULATOR_TOKEN", self.simulator_token)
        return (given or _kept(self.data / "simulator-token")).decode()


def _given(name: str, secret: SecretStr) -> bytes:
    given = secret.get_secret_value().encode()
    if given and len(given) < MIN_SECRET_BYTES:
        raise UnsafeSecretError(f"{name} has fewer than {MIN_SECRET_BYTES} characters")
    return given


def _kept(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
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
