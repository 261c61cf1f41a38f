#!/usr/bin/env bash
# npm's mail clients on a pod: imapflow and nodemailer, in the versions of tests/interop/npm/package.json. Needs node 20 or
# newer, npm and the network, and a built pod (MAILPOD=PATH; by default build/release/mailpod). Not part of tests/run.sh.
#
#   tests/npm.sh [ARGUMENT…]   further arguments go to node --test
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
modules=$root/build/npm

major=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/')
if ((${major:-0} < 20)); then
  echo "npm.sh needs node 20 or newer; here is ${major:-none}." >&2
  exit 1
fi
mkdir -p "$modules"
cp "$root"/tests/interop/npm/* "$modules"
cd "$modules"
if ! cmp --silent package-lock.json installed.json; then
  npm ci --ignore-scripts --no-audit --no-fund
  cp package-lock.json installed.json
fi
exec python3 "$root/tests/interop/npm/run.py" "$@"
