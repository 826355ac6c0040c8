#!/bin/sh
# The contract, read by other people's tools: two linters, and a TypeScript compiler that must
# be able to use the types made of it. Started by `make spec-lint`, which has made .venv before.
set -eu
cd "$(dirname "$0")/../.."
tools=tools/spec-lint
out=build/spec

# The Node.js that `make node` has put into .venv, else that of the machine.
PATH=$PWD/.venv/bin:$PATH
if ! reason=$(sh $tools/node.sh); then
    echo "spec-lint skipped: $reason; \`make node\` puts one into .venv"
    # A skipped step that nobody sees would be a passed one: in CI it fails.
    if [ "${CI:-}" = true ]; then exit 1; else exit 0; fi
fi

rm -rf $out
mkdir -p $out

# What a tool says is worth reading only if it fails.
quietly() {
    "$@" >$out/log 2>&1 || { status=$?; cat $out/log; exit $status; }
}

if ! cmp -s $tools/package-lock.json $tools/node_modules/.installed; then
    echo "spec-lint: packages of $tools/package-lock.json"
    quietly npm --prefix $tools --loglevel=error ci
    cp $tools/package-lock.json $tools/node_modules/.installed
fi
PATH=$PWD/$tools/node_modules/.bin:$PATH

for document in wlink lwork merged; do
    .venv/bin/wlink spec bundle --document $document --output $out/$document.json
done
documents="openapi/wlink/openapi.yaml openapi/lwork/openapi.yaml $out/merged.json"

echo "spec-lint: Redocly"
# It would ask for news of itself and report that it ran.
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_NOTIFICATIONS=true
quietly redocly lint --config $tools/redocly.yaml $documents

echo "spec-lint: Spectral"
quietly spectral lint --ruleset $tools/.spectral.yaml --fail-severity=warn $documents

echo "spec-lint: TypeScript"
for document in wlink lwork merged; do
    quietly openapi-typescript $out/$document.json --redocly $tools/redocly.yaml \
        --output $out/$document.ts
done
quietly tsc --project $tools
echo "spec-lint: passed"
