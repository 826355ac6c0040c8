"""Credentials for uploading files: wlink 16."""

from collections.abc import Iterator
from contextlib import contextmanager

from models.user import UserStatus
from tests.server import Broker, problem


def test_credentials_are_for_the_caller_s_own_folder_and_a_quarter_of_an_hour(
    broker: Broker,
) -> None:
    user = broker.user()
    answer = broker.call("issue_upload_credentials", token=broker.login(user)).json()
    assert answer["bucket_dir"] == f"tenant/{broker.tenant_id}/user/{user.id}/"
    end = broker.server.clock().replace(microsecond=0)
    assert answer["expiration"] > f"{end:%Y-%m-%dT%H:%M:%SZ}"
    assert len(answer["access_key_secret"]) == 64
    assert answer["security_token"]


def test_two_users_get_different_credentials(broker: Broker) -> None:
    tokens = [broker.login(broker.user(email)) for email in ("a@example.com", "b@example.com")]
    first, second = (broker.call("issue_upload_credentials", token=t).json() for t in tokens)
    for secret in ("bucket_dir", "security_token", "access_key_secret"):
        assert first[secret] != second[secret]


@contextmanager
def full_disk(broker: Broker) -> Iterator[None]:
    """A file stands where the tenant's folder should be made."""
    root = broker.server.services.settings.data / "uploads" / "tenant"
    root.mkdir(parents=True, exist_ok=True)
    place = root / str(broker.tenant_id)
    place.write_bytes(b"")
    yield
    place.unlink()


def test_a_store_that_is_away_is_said_so(broker: Broker) -> None:
    token = broker.login(broker.user())
    with full_disk(broker):
        answer = broker.call("issue_upload_credentials", token=token)
    assert problem(answer) == (503, "STORAGE_UNAVAILABLE")
    assert answer.headers["retry-after"]


def test_credentials_are_limited_by_user(broker: Broker) -> None:
    user = broker.user()
    token = broker.login(user)
    statuses = [broker.call("issue_upload_credentials", token=token).status_code for _ in range(21)]
    assert statuses == [200] * 20 + [429]
    other = broker.login(broker.user("other@example.com"))
    assert broker.call("issue_upload_credentials", token=other).status_code == 200


def test_who_is_not_logged_in_gets_none(broker: Broker) -> None:
    assert problem(broker.call("issue_upload_credentials")) == (401, "UNAUTHENTICATED")
    user = broker.user()
    token = broker.login(user)
    broker.change(user, status=UserStatus.DISABLED)
    answer = broker.call("issue_upload_credentials", token=token)
    assert problem(answer) == (403, "USER_DISABLED")
