#!/usr/bin/env bash
# clang-tidy over what the release build compiles, by the rules and reasons of .clang-tidy. What it finds is a failure.
#
#   tests/tidy.sh                     all of src and tests
#   tests/tidy.sh --changed [COMMIT]  what differs from COMMIT (HEAD if none is named), also what a changed header is of
#   tests/tidy.sh FILE…               these sources
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=packaging/packages.sh
source "$root/packaging/packages.sh"
jobs=$(nproc)

install_missing "${test_packages[@]}" clang-tidy-19

# changed COMMIT: sources that differ, are new, or have a header beside them that does or is.
changed() {
  cd "$root"
  {
    git diff --name-only --diff-filter=d "$1" -- src include tests
    git ls-files --others --exclude-standard -- src include tests
  } | sed -n 's/\.[ch]pp$//p' | sed 's|^include/mailpod/|src/|' | sort -u | while read -r stem; do
    if [[ -e $stem.cpp ]]; then echo "$root/$stem.cpp"; fi
  done
}

wanted=()
if [[ ${1:-} == --changed ]]; then
  git -C "$root" rev-parse --quiet --verify "${2:-HEAD}^{commit}" >/dev/null || { echo "there is no commit ${2:-HEAD}" >&2; exit 2; }
  mapfile -t wanted < <(changed "${2:-HEAD}")
  if ((${#wanted[@]} == 0)); then
    echo "No source has changed."
    exit
  fi
elif (($#)); then
  mapfile -t wanted < <(realpath "$@")
fi

# What is read must be there: generated headers, and the precompiled ones.
cd "$root"
cmake --preset release -DMAILPOD_TESTS=ON >/dev/null
cmake --build build/release --parallel "$jobs"
nice python3 tests/tidy.py build/release "${wanted[@]}"
echo "clang-tidy has nothing to say."
