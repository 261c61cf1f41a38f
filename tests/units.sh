#!/usr/bin/env bash
# The tests of single libraries, and the dialogues, compiled as users get the program: optimised, without sanitizers, each
# test a process of its own. tests/run.sh runs them under the sanitizers.
#
#   tests/units.sh [-R Vault]   further arguments go to ctest
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=packaging/packages.sh
source "$root/packaging/packages.sh"
jobs=$(nproc)

install_missing "${test_packages[@]}"
cd "$root"
cmake --preset release -DMAILPOD_TESTS=ON -DMAILPOD_UNITS=ON >/dev/null
cmake --build build/release --parallel "$jobs"
exec ctest --test-dir build/release --parallel "$jobs" --output-on-failure --label-regex '^(unit|conversations)$' "$@" </dev/null
