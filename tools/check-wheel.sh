#!/usr/bin/env bash
# Is the wheel good for somebody who has only the wheel? Installs it beside another distribution
# whose top-level package is called `mock`, as our room is, and starts the mock server from an
# empty folder. Started by `make wheel-check`, which has made .venv before.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
server=
finish() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap finish EXIT

fail() {
    echo "wheel-check: $1" >&2
    if [ -f "$work/log" ]; then cat "$work/log" >&2; fi
    exit 1
}

echo "wheel-check: build"
.venv/bin/python -m build --no-isolation --outdir "$work/dist" . >"$work/log" 2>&1 || fail "no wheel"

echo "wheel-check: install"
python=$work/venv/bin/python
.venv/bin/python -m venv "$work/venv"
{
    "$python" -m pip install -qq --require-hashes -r requirements.lock
    "$python" -m pip install -qq mock==5.2.0
    "$python" -m pip install -qq --no-deps "$work"/dist/*.whl
    "$python" -m pip check
} >"$work/log" 2>&1 || fail "not installable"

mkdir "$work/empty"
cd "$work/empty"
"$python" - >"$work/log" 2>&1 <<'PYTHON' || fail "the wheel has damaged the other mock"
import pathlib
import sysconfig

import mock

mock.Mock()
assert pathlib.Path(mock.__file__).parent == pathlib.Path(sysconfig.get_path("purelib"), "mock")
PYTHON

echo "wheel-check: start"
port=$("$python" -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$work/venv/bin/wlink" mock --port "$port" >"$work/log" 2>&1 &
server=$!
"$python" - "http://127.0.0.1:$port/v1/public/setting/version/get" <<'PYTHON' || fail "no answer"
import sys
import time
import urllib.request

# Past any proxy of the machine.
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
end = time.monotonic() + 20
while True:
    try:
        with opener.open(sys.argv[1], timeout=5) as answer:
            sys.exit(answer.status != 200)
    except OSError as problem:
        if time.monotonic() > end:
            sys.exit(f"{sys.argv[1]}: {problem}")
        time.sleep(0.2)
PYTHON
kill -0 "$server" 2>/dev/null || fail "the server has stopped"

echo "wheel-check: a database and a demo"
export WLINK_DATA=$work/data
for command in "db upgrade" "db check" demo; do
    # shellcheck disable=SC2086  # two words are two arguments
    "$work/venv/bin/wlink" $command >"$work/log" 2>&1 || fail "wlink $command failed"
done
grep -q client@example.com "$work/log" || fail "the demo says nothing of how to log in"

echo "wheel-check: passed (built, installed beside another mock, started)"
