"""Bytes that no well-behaved client sends, over a real socket to a real server: never a 500, never
a success that should be none.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

import orjson
import pytest
import uvicorn
from connexion.resolver import Resolver
from jsonschema_rs import Draft4Validator

from contract.bundling import Bundle
from contract.operations import LWORK_PREFIX, Operation
from contract.problems import Problem
from contract.schemas import Validators
from dispatch.compile import Settings
from dispatch.dispatcher import dispatcher

Json = Any

LIMIT = 1024 * 1024
LOGIN = "/v1/auth/account/login"
PAYEE = "/v1/client/withdrawal/account-book/delete"
BALANCES = "/v1/client/account/balance/list"
USER = "3f6c1c1e-8a55-4a0e-9a37-5d0f6b1c2a90"
GOOD = b'{"email":"xuemei.zhao26@example.com","password":"Pass-word-1"}'
PARTNER = "x-api-tenantId: good\r\nx-api-token: good\r\n"
QUESTIONNAIRE = "/v1/client/questionnaire/save"
TOKEN = "Authorization: Bearer good\r\n"
JSON = "Content-Type: application/json\r\n"


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


@pytest.fixture(scope="module")
def port(contract: Bundle, all_operations: dict[str, Operation]) -> Iterator[int]:
    """A server whose handlers send back what they were given."""

    async def with_body(parameters: dict[str, Json], body: Json) -> Json:
        return {**parameters, "body": body}

    async def without_body(parameters: dict[str, Json]) -> Json:
        return parameters

    async def authenticate(sent: str, _: object) -> Json:
        if sent != "good":
            raise Problem("UNAUTHENTICATED")
        return {"sub": "somebody"}

    handlers = {n: with_body if o.body else without_body for n, o in all_operations.items()}
    callers = dict.fromkeys(contract.document["components"]["securitySchemes"], authenticate)
    app = dispatcher(contract, Resolver(handlers.__getitem__), callers, Settings(body_bytes=LIMIT))
    config = uvicorn.Config(app, lifespan="on", log_level="critical", access_log=False)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def problems(contract: Bundle) -> list[Draft4Validator]:
    """Of wlink, of lwork."""
    compiled = Validators(contract.document).compiled
    return [compiled({"$ref": f"#/components/schemas/{n}"}) for n in ("Problem", "LworkProblem")]


def sent(port: int, request: bytes) -> Reply:
    """The reply to exactly these bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):  # answered before all was sent
            connection.sendall(request)
        received = b""
        while b"\r\n\r\n" not in received:
            received += connection.recv(65536) or pytest.fail("the connection was closed")
        head, _, body = received.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): text for name, _, text in (li.partition(": ") for li in lines)}
        while len(body) < int(headers.get("content-length", 0)) and not request.startswith(b"HEAD"):
            body += connection.recv(65536)
    return Reply(int(first.split()[1]), headers, body)


def get(target: str, headers: str = TOKEN, method: str = "GET") -> bytes:
    return f"{method} {target} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode("latin-1")


def post(body: bytes, headers: str = JSON, target: str = LOGIN) -> bytes:
    length = f"Content-Length: {len(body)}\r\n"
    return get(target, headers + length, "POST") + body


def chunked(*chunks: bytes) -> bytes:
    parts = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return get(LOGIN, JSON + "Transfer-Encoding: chunked\r\n", "POST") + parts + b"0\r\n\r\n"


def login(email: str, password: str = '"Pass-word-1"') -> bytes:
    return post(f'{{"email":{email},"password":{password}}}'.encode())


def digits(text: str) -> bytes:
    """A body whose integer is written like that."""
    return post(b'{"id":' + text.encode() + b"}", JSON + TOKEN, PAYEE)


def page(text: str) -> bytes:
    return get(f"/v1/client/message/list?size=20&page={text}")


def partner(target: str) -> bytes:
    return get(target, PARTNER)


LIST = "/v1/client/message/list"
TASK = f"/v1/api/account/{USER}/JOB_TYPE_TA_OPEN/task/state"
LATE = "T10:00:00Z"
SPACED = "/v1/client/trading/history/deposit/list?page=1&size=20&start_time=2026-01-15"

# What is sent, and the status that it gets.
PROBES: dict[str, tuple[bytes, int]] = {
    # bodies
    "a good body": (post(GOOD), 200),
    "a body in chunks": (chunked(GOOD[:10], GOOD[10:]), 200),
    "a body in chunks of one byte": (chunked(*(GOOD[n : n + 1] for n in range(len(GOOD)))), 200),
    "a body with spaces around": (post(b" \r\n\t" + GOOD + b"\n "), 200),
    "a key given twice, the last is good": (post(b'{"email":1,' + GOOD[1:]), 200),
    "a key given twice, the last is bad": (post(GOOD[:-1] + b',"email":1}'), 400),
    "no body": (post(b""), 400),
    "no body in chunks": (chunked(), 400),
    "no body and no Content-Type": (post(b"", ""), 400),
    "only spaces": (post(b"   "), 400),
    "half an object": (post(GOOD[:-1]), 400),
    "two objects": (post(GOOD + GOOD), 400),
    "something behind the object": (post(GOOD + b"x"), 400),
    "a comma too many": (post(GOOD[:-1] + b",}"), 400),
    "single quotes": (post(GOOD.replace(b'"', b"'")), 400),
    "a comment": (post(b"/* login */" + GOOD), 400),
    "a form": (post(b"email=a&password=b"), 400),
    "null": (post(b"null"), 400),
    "a list": (post(b"[" + GOOD + b"]"), 400),
    "a text": (post(b'"' + b"a" * 20 + b'"'), 400),
    "a number": (post(b"1"), 400),
    "NaN": (post(b"NaN"), 400),
    "NaN for a text": (login("NaN"), 400),
    "Infinity for a text": (login("Infinity"), 400),
    "-Infinity for a text": (login("-Infinity"), 400),
    "a byte order mark": (post(b"\xef\xbb\xbf" + GOOD), 400),
    "UTF-16": (post(GOOD.decode().encode("utf-16")), 400),
    "UTF-16 without a mark": (post(GOOD.decode().encode("utf-16-le")), 400),
    "UTF-32": (post(GOOD.decode().encode("utf-32")), 400),
    "Latin-1": (post(GOOD.replace(b"Pass", b"P\xe4ss")), 400),
    "a lone continuation byte": (post(GOOD.replace(b"Pass", b"P\x80ss")), 400),
    "an overlong encoding": (post(GOOD.replace(b"Pass", b"P\xc0\xafss")), 400),
    "a surrogate in UTF-8": (post(GOOD.replace(b"Pass", b"P\xed\xa0\x80ss")), 400),
    "a lone high surrogate": (login('"a@example.org"', r'"Pass\ud800word"'), 400),
    "a lone low surrogate": (login('"a@example.org"', r'"Pass\udc00word"'), 400),
    "surrogates in the wrong order": (login('"a@example.org"', r'"Pass\udc00\ud800"'), 400),
    "a pair of surrogates": (login('"a@example.org"', r'"Pass\ud83d\ude00word"'), 200),
    "a character beyond 16 bits": (login('"a@example.org"', '"Pass😀word"'), 200),
    "NUL in a text": (login('"a@example.org"', r'"Pass\u0000word"'), 400),
    "NUL in a name": (post(GOOD[:-1] + rb',"a\u0000":1}'), 400),
    "NUL as it is": (login('"a@example.org"', '"Pass\0word"'), 400),
    "the letters of an escaped NUL": (login('"a@example.org"', r'"Pass\\u0000word"'), 200),
    "a line feed in a text": (login('"a@example.org"', '"Pass\nword"'), 400),
    "an unknown escape": (login('"a@example.org"', r'"Pass\xword"'), 400),
    "a name without quotes": (post(b'{email:"a@example.org","password":"Pass-word-1"}'), 400),
    "an unknown field": (post(GOOD[:-1] + b',"admin":true}'), 400),
    "the prototype of an object": (post(GOOD[:-1] + b',"__proto__":{"admin":true}}'), 400),
    "an empty name": (post(GOOD[:-1] + b',"":1}'), 400),
    "a name in another case": (post(GOOD.replace(b"email", b"Email")), 400),
    "a list for a text": (login('["a@example.org"]'), 400),
    "an object for a text": (login('{"a":"@example.org"}'), 400),
    "a number for a text": (login("1"), 400),
    "null for a text": (login("null"), 400),
    "65 lists in each other": (login("[" * 64 + "]" * 64), 400),
    "1,000 lists in each other": (login("[" * 1000 + "]" * 1000), 400),
    "100,000 open brackets": (post(b"[" * 100_000), 400),
    "100,000 open braces": (post(b'{"a":' * 100_000), 400),
    "100,000 unknown fields": (
        post(b"{" + b",".join(b'"%d":1' % n for n in range(100_000)) + b"}"),
        400,
    ),
    "10,000 unknown fields": (
        post(b"{" + b",".join(b'"%d":1' % n for n in range(10_000)) + b"}"),
        400,
    ),
    "300,000 objects in a list": (
        post(b'{"answers":[' + b"{}," * 300_000 + b"{}]}", JSON + TOKEN, QUESTIONNAIRE),
        400,
    ),
    "300,000 choices that fit nowhere": (
        post(
            b'{"current_module":"all","kyc_data":{"agreement":[' + b"0," * 300_000 + b"0]}}",
            JSON + TOKEN,
            "/v1/client/user/save",
        ),
        400,
    ),
    "a text of the whole limit": (login('"a@example.org"', f'"{"x" * (LIMIT - 100)}"'), 400),
    "a byte more than the limit": (post(b" " * (LIMIT + 1)), 413),
    "exactly the limit": (post(GOOD + b" " * (LIMIT - len(GOOD))), 200),
    "3 MB": (post(b"x" * 3_000_000), 413),
    "3 MB in chunks": (chunked(*[b"x" * 100_000] * 30), 413),
    "3 MB announced": (get(LOGIN, JSON + "Content-Length: 3000000\r\n", "POST"), 413),
    "a length beyond 64 bits": (get(LOGIN, JSON + f"Content-Length: {2**70}\r\n", "POST"), 400),
    "a negative length": (get(LOGIN, JSON + "Content-Length: -1\r\n", "POST"), 400),
    "a length in words": (get(LOGIN, JSON + "Content-Length: ten\r\n", "POST"), 400),
    "two lengths": (post(GOOD, JSON + "Content-Length: 5\r\n"), 400),
    # integers in bodies
    "an integer": (digits("17"), 200),
    "an integer with a point": (digits("17.0"), 400),
    "an integer with an exponent": (digits("1e2"), 400),
    "a text of digits": (digits('"17"'), 400),
    "true for an integer": (digits("true"), 400),
    "zero where ids begin at one": (digits("0"), 400),
    "minus zero": (digits("-0"), 400),
    "a plus sign": (digits("+17"), 400),
    "a leading zero": (digits("017"), 400),
    "hexadecimal": (digits("0x11"), 400),
    "an underscore": (digits("1_7"), 400),
    "full-width digits": (digits("\uff11\uff17"), 400),
    "2 to the 53rd": (digits(str(2**53)), 400),
    "2 to the 63rd": (digits(str(2**63)), 400),
    "2 to the 64th": (digits(str(2**64)), 400),
    "5,000 digits": (digits("9" * 5000), 400),
    "1e400": (digits("1e400"), 400),
    "-1e400": (digits("-1e400"), 400),
    "1e-400": (digits("1e-400"), 400),
    "NaN for an integer": (digits("NaN"), 400),
    "Infinity for an integer": (digits("Infinity"), 400),
    # media types
    "no Content-Type": (post(GOOD, ""), 415),
    "an empty Content-Type": (post(GOOD, "Content-Type: \r\n"), 415),
    "another case": (post(GOOD, "Content-Type: Application/JSON\r\n"), 200),
    "another case, a bad body": (post(b'{"email":1}', "Content-Type: application/JSON\r\n"), 400),
    "a charset": (post(GOOD, "Content-Type: application/json; charset=utf-8\r\n"), 200),
    "a charset in quotes": (post(GOOD, 'Content-Type: application/json;charset="UTF-8"\r\n'), 200),
    "an unknown charset": (post(GOOD, "Content-Type: application/json; charset=bogus\r\n"), 200),
    "a semicolon at the end": (post(GOOD, "Content-Type: application/json;\r\n"), 200),
    "plain text": (post(GOOD, "Content-Type: text/plain\r\n"), 415),
    "a longer type": (post(GOOD, "Content-Type: application/jsonp\r\n"), 415),
    "JSON with a suffix": (post(GOOD, "Content-Type: application/vnd.api+json\r\n"), 415),
    "a problem": (post(GOOD, "Content-Type: application/problem+json\r\n"), 415),
    "a form type": (post(GOOD, "Content-Type: application/x-www-form-urlencoded\r\n"), 415),
    "a multipart type": (post(GOOD, "Content-Type: multipart/form-data\r\n"), 415),
    "garbage for a type": (post(GOOD, "Content-Type: garbage\r\n"), 415),
    "bytes for a type": (post(GOOD, "Content-Type: \xff\xfe\r\n"), 415),
    "two types in one": (post(GOOD, "Content-Type: application/json, text/plain\r\n"), 415),
    "two types": (post(GOOD, JSON + "Content-Type: text/plain\r\n"), 415),
    "the same type twice": (post(GOOD, JSON * 2), 415),
    "a compressed body": (post(GOOD, JSON + "Content-Encoding: gzip\r\n"), 415),
    # queries
    "a query": (page("1"), 200),
    "a query with empty pieces": (get(f"{LIST}?&page=1&&size=20&"), 200),
    "an encoded name": (get(f"{LIST}?p%61ge=1&size=20"), 200),
    "leading zeros": (page("007"), 200),
    "underscore in a query": (page("1_0"), 400),
    "a space before": (page("%205"), 400),
    "a plus, which is a space": (page("+5"), 400),
    "an encoded plus": (page("%2B5"), 400),
    "full-width digits in a query": (page("%EF%BC%95"), 400),
    "Arabic digits": (page("%D9%A5"), 400),
    "superscript": (page("%C2%B2"), 400),
    "NaN in a query": (page("NaN"), 400),
    "Infinity in a query": (page("inf"), 400),
    "a float in a query": (page("1.0"), 400),
    "an exponent in a query": (page("1e2"), 400),
    "hexadecimal in a query": (page("0x10"), 400),
    "5,000 digits in a query": (page("9" * 5000), 400),
    "20 digits in a query": (page("9" * 20), 400),
    "null in a query": (page("null"), 400),
    "nothing in a query": (page(""), 400),
    "NUL in a query": (page("%00"), 400),
    "NUL in a text of a query": (get("/v1/ib/client/user/list?page=1&size=20&email=a%00"), 400),
    "NUL in a list": (get(f"{BALANCES}?type=normal%00"), 400),
    "60,000 in a list": (get(f"{BALANCES}?type=" + "," * 60_000), 400),
    "no UTF-8 in a query": (page("%FF"), 400),
    "no UTF-8 in a name": (get(f"{LIST}?page=1&size=20&%FF=1"), 400),
    "half an escape": (page("1%"), 400),
    "no hexadecimal in an escape": (page("1%zz"), 400),
    "a name without a value": (get(f"{LIST}?page&size=20"), 400),
    "a value without a name": (get(f"{LIST}?page=1&size=20&=5"), 400),
    "an unknown name": (get(f"{LIST}?page=1&size=20&sort=asc"), 400),
    "a name in another case in a query": (get(f"{LIST}?Page=1&size=20"), 400),
    "one name 5,000 times": (get(f"{LIST}?" + "&".join(["page=1"] * 5_000)), 400),
    "one name twice": (get(f"{LIST}?page=1&page=1&size=20"), 400),
    "a list where a number is meant": (get(f"{LIST}?page[]=1&size=20"), 400),
    "an object where a number is meant": (get(f"{LIST}?page[a]=1&size=20"), 400),
    "5,000 names": (get(f"{LIST}?" + "&".join(f"a{n}=1" for n in range(5_000))), 400),
    "a semicolon between": (get(f"{LIST}?page=1;size=20"), 400),
    "a list, repeated": (get(f"{BALANCES}?type=normal&type=deposit_only"), 200),
    "a list, in brackets": (get(f"{BALANCES}?type[]=normal&type%5B%5D=deposit_only"), 200),
    "a list, by commas": (get(f"{BALANCES}?type=normal,deposit_only"), 200),
    "a list with a hole": (get(f"{BALANCES}?type=normal,,deposit_only"), 400),
    "an empty list": (get(f"{BALANCES}?type="), 400),
    "too many in a list": (get(f"{BALANCES}?type=" + ",".join(["normal"] * 4)), 400),
    "a time": (get(f"{SPACED}+10:00:00"), 200),
    "a time of the 30th of February": (get(f"{SPACED[:-5]}02-30+10:00:00"), 400),
    "the 29th of February of 2026": (get(f"{SPACED[:-5]}02-29+10:00:00"), 400),
    "a time with a zone": (get(SPACED + LATE), 400),
    "the 24th hour": (get(f"{SPACED}+24:00:00"), 400),
    "other names for page and size": (
        partner("/v1/api/user/list?type=Email&value=a@b.org&pageIndex=1&pageSize=5"),
        200,
    ),
    "both names, the documented one is good": (
        partner("/v1/api/user/list?type=Email&value=a@b.org&pageIndex=x&page=1&size=5"),
        200,
    ),
    # paths
    "a path": (partner(TASK), 200),
    "an encoded letter in a path": (get("/v1/client/m%65ssage/list?page=1&size=20"), 200),
    "an encoded slash in a path": (get("/v1/client/message%2Flist?page=1&size=20"), 404),
    "an encoded slash in a parameter": (partner(TASK.replace(USER, "a%2Fb")), 400),
    "an encoded query": (get(f"{LIST}%3Fpage=1"), 404),
    "an empty parameter": (partner(TASK.replace(USER, "")), 404),
    "dots for a parameter": (partner(TASK.replace(USER, "..")), 400),
    "NUL for a parameter": (partner(TASK.replace(USER, "%00")), 400),
    "no UTF-8 for a parameter": (partner(TASK.replace(USER, "%FF")), 404),
    "an unknown value for a parameter": (partner(TASK.replace("OPEN", "CLOSE")), 400),
    "a UUID without hyphens": (partner(TASK.replace(USER, USER.replace("-", ""))), 400),
    "a UUID in braces": (partner(TASK.replace(USER, f"%7B{USER}%7D")), 400),
    "a line feed behind a UUID": (partner(TASK.replace(USER, f"{USER}%0A")), 400),
    "a slash at the end": (get(f"{LIST}/?page=1&size=20"), 404),
    "two slashes": (get(f"/{LIST}?page=1&size=20"), 404),
    "a path in another case": (get(f"{LIST.upper()}?page=1&size=20"), 404),
    "a way up": (get(f"/v1/../v1{LIST[3:]}?page=1&size=20"), 404),
    "an absolute target": (get(f"http://localhost{LIST}?page=1&size=20"), 200),
    "all of the server": (get("*", method="OPTIONS"), 404),
    "no path": (get("/"), 404),
    "a long path": (get("/" + "a/" * 20_000), 404),
    # methods and headers
    "HEAD": (get(f"{LIST}?page=1&size=20", method="HEAD"), 200),
    "HEAD of a POST": (get(LOGIN, method="HEAD"), 405),
    "OPTIONS": (get(LIST, method="OPTIONS"), 204),
    "DELETE": (get(LIST, method="DELETE"), 405),
    "TRACE": (get(LIST, method="TRACE"), 405),
    "GET of a POST": (get(LOGIN), 405),
    "a method of nobody": (get(LIST, method="FOO"), 400),
    "a method in small letters": (get(f"{LIST}?page=1&size=20", method="get"), 400),
    "no token": (get(f"{LIST}?page=1&size=20", ""), 401),
    "an empty token": (get(f"{LIST}?page=1", "Authorization: Bearer \r\n"), 401),
    "a wrong token": (get(f"{LIST}?page=1", "Authorization: Bearer bad\r\n"), 401),
    "another scheme": (get(f"{LIST}?page=1", "Authorization: Basic Z29vZDpnb29k\r\n"), 401),
    "another scheme, a good token": (get(f"{LIST}?page=1", "Authorization: Basic good\r\n"), 401),
    "a token without a scheme": (get(f"{LIST}?page=1", "Authorization: good\r\n"), 401),
    "a scheme in another case": (get(f"{LIST}?page=1&size=2", TOKEN.replace("B", "b")), 200),
    "two tokens": (get(f"{LIST}?page=1&size=20", TOKEN * 2), 401),
    "two tokens in one": (get(f"{LIST}?page=1", "Authorization: Bearer good, good\r\n"), 401),
    "a token of bytes": (get(f"{LIST}?page=1", "Authorization: Bearer \xff\r\n"), 401),
    "no token beats a bad body": (post(b"{", JSON, PAYEE), 401),
    "no token beats a bad type": (post(b"{", "Content-Type: text/plain\r\n", PAYEE), 401),
    "a bad type beats a bad query": (post(b"{", "Content-Type: a/b\r\n", f"{LOGIN}?a=1"), 415),
    "half of a partner": (get(TASK, "x-api-token: good\r\n"), 401),
    "a partner twice": (get(TASK, PARTNER * 2), 401),
    "an idempotency key": (
        post(
            b'{"order_number":"D26000004711"}',
            JSON + TOKEN + "Idempotency-Key: 4711\r\n",
            "/v1/client/trading/deposit/cancel",
        ),
        200,
    ),
    "two idempotency keys": (
        post(
            b'{"order_number":"D26000004711"}',
            JSON + TOKEN + "Idempotency-Key: 4711\r\n" * 2,
            "/v1/client/trading/deposit/cancel",
        ),
        400,
    ),
    "an idempotency key of bytes": (
        post(
            b'{"order_number":"D26000004711"}',
            JSON + TOKEN + "Idempotency-Key: \xe9\r\n",
            "/v1/client/trading/deposit/cancel",
        ),
        400,
    ),
    "Accept: JSON": (post(GOOD, JSON + "Accept: application/json\r\n"), 200),
    "Accept: anything": (post(GOOD, JSON + "Accept: */*;q=0.1\r\n"), 200),
    "Accept: a browser's": (post(GOOD, JSON + "Accept: text/html,application/*;q=0.9\r\n"), 200),
    "Accept: problems only": (post(GOOD, JSON + "Accept: application/problem+json\r\n"), 200),
    "Accept: nothing": (post(GOOD, JSON + "Accept: \r\n"), 200),
    "Accept: garbage": (post(GOOD, JSON + "Accept: \xff;;q=x,\r\n"), 200),
    "Accept: web pages": (post(GOOD, JSON + "Accept: text/html\r\n"), 406),
    "Accept: anything but JSON": (
        post(GOOD, JSON + "Accept: application/json;q=0, application/problem+json;q=0, */*\r\n"),
        406,
    ),
    "Accept: JSON twice": (post(GOOD, JSON + "Accept: text/html\r\nAccept: */*\r\n"), 200),
    "10,000 headers, one of them twice": (
        get(
            f"{LIST}?page=1&size=2",
            TOKEN + "".join(f"a{n}:\r\n" for n in range(10_000)) + "a1:\r\n",
        ),
        200,
    ),
    "a language of bytes": (post(b"{}", JSON + "Accept-Language: \xff;q=\xfe\r\n"), 400),
}


@pytest.mark.parametrize("probe", PROBES)
def test_an_odd_request_gets_the_right_status(
    port: int, problems: list[Draft4Validator], probe: str
) -> None:
    request, status = PROBES[probe]
    reply = sent(port, request)
    assert reply.status == status, reply.body[:500]
    if reply.headers.get("content-type", "").startswith("text/plain"):
        assert status == 400  # no HTTP at all: the server itself answers
    elif status >= 400 and not request.startswith(b"HEAD"):
        problem = orjson.loads(reply.body)
        assert problems[LWORK_PREFIX.encode() in request].is_valid(problem)
        assert reply.headers["x-request-id"] in (
            problem.get("request_id"),
            problem.get("requestId"),
        )
        assert len(problem.get("errors", [])) <= 100
        assert bool(problem.get("errors")) == (status == 400)


@pytest.mark.parametrize("probe", ["300,000 objects in a list", "300,000 choices that fit nowhere"])
def test_what_is_wrong_with_a_large_body_is_not_listed_one_by_one(port: int, probe: str) -> None:
    problem = orjson.loads(sent(port, PROBES[probe][0]).body)
    assert problem["errors"] == [{"pointer": "/body", "rule": "size"}]


def test_there_are_enough_probes() -> None:
    assert len(PROBES) >= 120
