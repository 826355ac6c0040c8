"""Credentials for uploading files: wlink 16."""

from collections.abc import Iterator
from contextlib import contextmanager

from gateways.upload_target import FILE_BYTES
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


def put(broker: Broker, key: str, token: str, content: bytes = b"picture") -> int:
    headers = {"Host": f"client.t{broker.number}.example", "x-oss-security-token": token}
    return broker.server.http.put(f"/{key}", content=content, headers=headers).status_code


def test_a_file_goes_where_the_credentials_say_and_nowhere_else(broker: Broker) -> None:
    user = broker.user()
    granted = broker.call("issue_upload_credentials", token=broker.login(user)).json()
    folder, token = granted["bucket_dir"], granted["security_token"]
    assert put(broker, f"{folder}passport.png", token) == 200
    kept = broker.server.services.settings.data / "uploads" / folder / "passport.png"
    assert kept.read_bytes() == b"picture"
    foreign = f"tenant/{broker.tenant_id}/user/{user.id + 1}/"
    for key in (f"{foreign}a.png", f"{folder}../a.png", f"{folder}a/b.png", folder):
        assert put(broker, key, token) in (403, 404), key
    for bad in ("", "x", token + "0", "9" + token):
        assert put(broker, f"{folder}a.png", bad) == 403
    assert [path.name for path in kept.parent.iterdir()] == ["passport.png"]


def test_credentials_end_after_a_quarter_of_an_hour(broker: Broker) -> None:
    granted = broker.call("issue_upload_credentials", token=broker.login(broker.user())).json()
    key = f"{granted['bucket_dir']}a.png"
    broker.server.clock.forward(minutes=15)
    assert put(broker, key, granted["security_token"]) == 403


def test_an_uploaded_file_is_not_for_everybody(broker: Broker) -> None:
    granted = broker.call("issue_upload_credentials", token=broker.login(broker.user())).json()
    key = f"{granted['bucket_dir']}a.png"
    assert put(broker, key, granted["security_token"]) == 200
    headers = {"Host": f"client.t{broker.number}.example"}
    assert broker.server.http.get(f"/{key}", headers=headers).status_code == 404


def test_a_file_that_is_too_large_is_not_kept(broker: Broker) -> None:
    granted = broker.call("issue_upload_credentials", token=broker.login(broker.user())).json()
    key = f"{granted['bucket_dir']}a.png"
    assert put(broker, key, granted["security_token"], b"x" * (FILE_BYTES + 1)) == 400
    assert not (broker.server.services.settings.data / "uploads" / key).exists()


def test_a_name_that_is_too_long_is_refused_and_leaves_nothing(broker: Broker) -> None:
    granted = broker.call("issue_upload_credentials", token=broker.login(broker.user())).json()
    key = f"{granted['bucket_dir']}{'图' * 67}"
    assert put(broker, key, granted["security_token"]) == 400


def test_a_folder_holds_fifty_files(broker: Broker) -> None:
    granted = broker.call("issue_upload_credentials", token=broker.login(broker.user())).json()
    folder, token = granted["bucket_dir"], granted["security_token"]
    statuses = [put(broker, f"{folder}{number}.png", token) for number in range(51)]
    assert statuses == [200] * 50 + [400]
    uploads = broker.server.services.settings.data / "uploads"
    assert not list(uploads.glob("tmp*"))


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
