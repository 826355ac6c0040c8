#!/bin/sh
# Is there a Node.js that the tools can run on (their `engines`)? If not, says why and answers 1.
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo "no node or npm found"
    exit 1
fi
if ! node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    const good = major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);
    process.exit(good ? 0 : 1)'
then
    echo "node $(node --version) is too old (needed: 20.19, or 22.12 and newer)"
    exit 1
fi
