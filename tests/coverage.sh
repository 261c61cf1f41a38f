#!/usr/bin/env bash
# How much of each library the tests run: builds with clang's coverage, runs units, dialogues, crashes and worlds, and
# prints a table. Line by line, to look at: build/coverage/html/index.html.
#
#   tests/coverage.sh [-R Vault]   further arguments go to ctest
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=packaging/packages.sh
source "$root/packaging/packages.sh"
jobs=$(nproc)
tree=$root/build/coverage

install_missing "${test_packages[@]}"
cd "$root"
cmake --preset coverage -DMAILPOD_TESTS=ON >/dev/null
# The build asks each test program for its tests; what that runs is not to count.
LLVM_PROFILE_FILE=/dev/null cmake --build "$tree" --parallel "$jobs"

rm -rf "$tree/profiles"
mkdir "$tree/profiles"
failed=0
# One process a test: those of one program add up in few files.
LLVM_PROFILE_FILE="$tree/profiles/%4m.profraw" ctest --test-dir "$tree" --parallel "$jobs" --output-on-failure \
  --label-regex '^(unit|conversations|crash|simulation)$' "$@" </dev/null || failed=$?
llvm-profdata-19 merge --sparse --output="$tree/profile" "$tree"/profiles/*.profraw

programs=()
while read -r program; do programs+=(--object "$program"); done < <(
  find "$tree" -type f -executable -exec grep -lq __llvm_prf_names {} \; -print)
ours=("${programs[@]:1}" --instr-profile="$tree/profile" "$root/src" "$root/include")
llvm-cov-19 show --format=html --output-dir="$tree/html" --project-title=Mailpod "${ours[@]}" >/dev/null
llvm-cov-19 export --summary-only "${ours[@]}" | python3 "$root/tests/coverage.py" "$root"
exit "$failed"
