#!/usr/bin/env bash
# Installs what the tests need, builds, runs every test, and ends with ctest's own summary.
#
#   tests/run.sh            everything
#   tests/run.sh -R imap    further arguments go to the last ctest, the one of the release build
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=packaging/packages.sh
source "$root/packaging/packages.sh"
jobs=$(nproc)

install_missing "${test_packages[@]}"
fetch_missing "$root/build/peers" "${lab_packages[@]}"
cd "$root"

step() {
  echo "== $((SECONDS / 60)):$(printf %02d $((SECONDS % 60))) $*"
}

build() {
  cmake --preset "$1" -DMAILPOD_TESTS=ON "${@:2}" >/dev/null
  cmake --build "build/$1" --parallel "$jobs"
}

# What runs within one process runs under the sanitizers, which see more; the rest with what users get. tests/units.sh
# runs the former without them as well.
step "Building what users get, and the tests of a whole pod"
build release -DMAILPOD_UNITS=OFF
step "Building with sanitizers, and the fuzz targets"
build fuzz

step "Under the sanitizers: units, dialogues, crashes, worlds; and each fuzz target for a few seconds"
under_sanitizers=0
ctest --test-dir build/fuzz --parallel "$jobs" --output-on-failure --label-regex '^(unit|conversations|crash|simulation|fuzz)$' \
  --output-log "$root/build/fuzz/tests.log" </dev/null || under_sanitizers=$?

step "As users get it: everything, real clients too"
as_built=0
failed=build/release/Testing/Temporary/LastTestsFailed.log
rm -f "$failed"
ctest --test-dir build/release --parallel "$jobs" --output-on-failure "$@" </dev/null || as_built=$?

# What other people's programs do on a busy machine is not ours: their tests, and no others, get a second chance, alone.
# What they said the first time stands above.
failed_of_ours() {
  local others
  others=$(ctest --test-dir build/release --show-only --label-regex '^(interop|lab)$' | sed -n 's/^ *Test *#[0-9]*: //p')
  cut -d: -f2- "$failed" | grep -vxF -e "$others"
}
if ((as_built != 0)) && [[ -s $failed && -z $(failed_of_ours) ]]; then
  step "Once more, alone: tests with other programs that failed"
  as_built=0
  ctest --test-dir build/release --rerun-failed --output-on-failure </dev/null || as_built=$?
fi

if ((under_sanitizers != 0)); then
  step "Under the sanitizers these had failed"
  sed -n '/\*\*\*\(Failed\|Timeout\|Exception\)/,/^ *Start /p; /^The following tests FAILED/,$p' build/fuzz/tests.log | tail -200
fi
exit $((under_sanitizers != 0 ? under_sanitizers : as_built))
