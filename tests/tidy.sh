#!/usr/bin/env bash
# Shapes of coroutines that g++ 12 miscompiles, then clang-tidy over what the release build compiles, by the rules and
# reasons of .clang-tidy. What they find is a failure.
# It looks at what is ours only (docs/decisions/0080-clang-tidy-looks-at-what-is-ours.md): a second a source, not thirty.
#
#   tests/tidy.sh                     all of src and tests
#   tests/tidy.sh --changed [COMMIT]  what differs from COMMIT (HEAD if none is named), also what a changed header is of
#   tests/tidy.sh FILE…               these sources
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=packaging/packages.sh
source "$root/packaging/packages.sh"
jobs=$(nproc)

install_missing "${test_packages[@]}" clang-tidy-19 clang-tools-19 libclang-19-dev llvm-19-dev

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

# What is read must be there: generated headers, which configuring makes, and precompiled ones.
cd "$root"
cmake --preset release -DMAILPOD_TESTS=ON >/dev/null
mapfile -t precompiled < <(ninja -C build/release -t targets all | sed -n 's/\.pch: .*/.pch/p')
cmake --build build/release --parallel "$jobs" --target "${precompiled[@]}"
scope=$root/build/release/tidy_scope.so
if [[ ! $scope -nt tests/tidy/scope.cpp ]]; then
  read -ra flags < <(llvm-config-19 --cxxflags)
  clang++-19 "${flags[@]}" -fPIC -shared tests/tidy/scope.cpp -o "$scope"
fi
nice python3 tests/architecture/coroutines.py build/release
nice python3 tests/tidy.py build/release "$scope" "${wanted[@]}"
echo "clang-tidy has nothing to say."
