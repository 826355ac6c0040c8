"""What a deployment sets, and what keeps a server from starting."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from contract.errors import CannotStartError
from gateways.secret_box import SecretBox
from wlink.settings import Settings, UnsafeSecretError, settings

ROOT = Path(__file__).parent.parent


def test_a_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    first = Settings(data=tmp_path / "new").secret_bytes()
    assert len(first) >= 32
    assert Settings(data=tmp_path / "new").secret_bytes() == first
    assert (tmp_path / "new" / "secret").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["secret"]


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    Settings(data=tmp_path).secret_bytes()
    (tmp_path / "secret").chmod(0o644)
    with pytest.raises(UnsafeSecretError, match="chmod 600"):
        Settings(data=tmp_path).secret_bytes()


def test_a_short_secret_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WLINK_SECRET", "hunter2")
    with pytest.raises(UnsafeSecretError, match="fewer than 32") as told:
        Settings(data=tmp_path).secret_bytes()
    assert "hunter2" not in str(told.value)
    monkeypatch.delenv("WLINK_SECRET")
    (tmp_path / "secret").write_text("short")
    (tmp_path / "secret").chmod(0o600)
    with pytest.raises(UnsafeSecretError, match="fewer than 32"):
        Settings(data=tmp_path).secret_bytes()


def test_a_setting_that_is_none_is_named_without_its_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WLINK_SMTP_PORT", "hunter2")
    with pytest.raises(CannotStartError, match="WLINK_SMTP_PORT") as told:
        settings()
    assert "hunter2" not in str(told.value)


def test_settings_do_not_show_their_secrets() -> None:
    shown = repr(Settings(secret="a very long secret indeed, it is", smtp_password="hunter2"))  # type: ignore[arg-type]  # pydantic takes texts
    assert "indeed" not in shown
    assert "hunter2" not in shown


def test_what_is_sealed_for_one_purpose_is_good_for_no_other() -> None:
    box, other = SecretBox(b"s" * 32), SecretBox(b"t" * 32)
    sealed = box.sealed("mail", b"code")
    assert b"code" not in sealed
    assert box.sealed("mail", b"code") != sealed
    assert box.opened("mail", sealed) == b"code"
    for wrong, purpose in ((box, "inbox"), (other, "mail")):
        with pytest.raises(InvalidTag):
            wrong.opened(purpose, sealed)
    assert box.signature("a", "b", "c") != box.signature("a", "bc")
    assert box.signature("a", "b") != other.signature("a", "b")


def wlink(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from wlink.cli import main; main()", *arguments],
        env={**os.environ, "WLINK_DATA": str(folder), **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.long
def test_a_newcomer_makes_a_database_a_demo_and_reads_the_mails(tmp_path: Path) -> None:
    early = wlink(tmp_path, "serve")
    assert (early.returncode, early.stdout) == (2, "")
    assert early.stderr == "wlink: the database is not up to date: wlink db upgrade\n"
    assert wlink(tmp_path, "db", "upgrade").returncode == 0
    assert wlink(tmp_path, "db", "check").returncode == 0
    first, second = wlink(tmp_path, "demo"), wlink(tmp_path, "demo")
    assert first.stdout == second.stdout
    assert "client@example.com" in first.stdout
    waiting, mails = wlink(tmp_path, "outbox"), wlink(tmp_path, "inbox")
    assert (waiting.returncode, waiting.stdout, mails.returncode) == (0, "", 0)
    assert mails.stdout.count("您的交易账户已开立") == 2


@pytest.mark.long
@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"WLINK_SECRET": "short"}, "WLINK_SECRET has fewer than 32 characters"),
        ({"WLINK_DATABASE_URL": "mysql://x/y"}, "the database must be postgresql://"),
        ({"WLINK_DATABASE_URL": "nonsense"}, "the database must be postgresql://"),
        ({"WLINK_SMTP_PORT": "x"}, "WLINK_SMTP_PORT: Input should be a valid integer"),
        (
            {"WLINK_DATABASE_URL": "postgresql://u:hunter2@127.0.0.1:1/x"},
            "database does not answer",
        ),
    ],
)
def test_what_keeps_the_server_from_starting_is_one_line(
    tmp_path: Path, environment: dict[str, str], told: str
) -> None:
    for command in (["serve"], ["db", "upgrade"]):
        ended = wlink(tmp_path, *command, **environment)
        assert ended.returncode == 2
        assert told in ended.stderr
        assert ended.stderr.count("\n") == 1, ended.stderr
        assert "hunter2" not in ended.stderr
