#!/usr/bin/env bash
# Builds with g++ 12 and the address sanitizer, and runs what one process can test. clang is what users get; this proves
# that the other compiler of Debian 12 gets the same program right (docs/architecture.md, "Threads").
#
#   tests/gcc.sh [-R test_store]   further arguments go to ctest
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=packaging/packages.sh
source "$root/packaging/packages.sh"
jobs=$(nproc)

install_missing "${test_packages[@]}" gcc g++
cd "$root"
cmake --preset gcc -DMAILPOD_TESTS=ON >/dev/null
cmake --build build/gcc --parallel "$jobs"
labels='^(unit|conversations|crash|simulation)$'
exec ctest --test-dir build/gcc --parallel "$jobs" --output-on-failure --label-regex "$labels" "$@" </dev/null
