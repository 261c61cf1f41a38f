#!/usr/bin/env bash
# Builds with the thread sanitizer, and runs what starts threads: units, dialogues, crashes, and real clients against a
# whole daemon.
#
#   tests/tsan.sh [-R test_store]   further arguments go to ctest
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=packaging/packages.sh
source "$root/packaging/packages.sh"
jobs=$(nproc)

install_missing "${test_packages[@]}"
fetch_missing "$root/build/peers" "${lab_packages[@]}"
cd "$root"
cmake --preset tsan -DMAILPOD_TESTS=ON >/dev/null
cmake --build build/tsan --parallel "$jobs"
labels='^(unit|conversations|crash|simulation|interop)$'
exec ctest --test-dir build/tsan --parallel "$jobs" --output-on-failure --label-regex "$labels" "$@" </dev/null
