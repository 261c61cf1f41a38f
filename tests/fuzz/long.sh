#!/usr/bin/env bash
# Fuzzes every target for some minutes each, from a corpus that is kept and grows from run to run.
#
#   tests/fuzz/long.sh MINUTES [CORPUS [TARGET…]]   CORPUS: a folder, build/fuzz-corpus if none is named
#
# What a target trips over lies in CORPUS/found, and its log beside; `fuzz_TARGET FILE` shows it again.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=packaging/packages.sh
source "$root/packaging/packages.sh"

minutes=${1:?how many minutes for each target?}
corpus=$(realpath -m "${2:-$root/build/fuzz-corpus}")
shift $(($# < 2 ? $# : 2))
jobs=$(nproc)

install_missing "${test_packages[@]}"
cd "$root"
cmake --preset fuzz -DMAILPOD_TESTS=ON >/dev/null
targets=("$@")
if ((${#targets[@]} == 0)); then
  for source in tests/fuzz/*_fuzz.cpp; do
    source=${source##*/}
    targets+=("${source%_fuzz.cpp}")
  done
fi
cmake --build build/fuzz --parallel "$jobs" --target "${targets[@]/#/fuzz_}"
mkdir -p "$corpus/found"

fuzz() {
  local name=$1 arguments=()
  [[ -e tests/fuzz/$name.dict ]] && arguments+=("-dict=tests/fuzz/$name.dict")
  mkdir -p "$corpus/$name"
  arguments+=("$corpus/$name")
  [[ -d tests/fuzz/corpus/$name ]] && arguments+=("tests/fuzz/corpus/$name")
  local result=sound
  "build/fuzz/tests/fuzz/fuzz_$name" -max_total_time=$((minutes * 60)) -timeout=10 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="$corpus/found/$name-" "${arguments[@]}" \
    </dev/null >"$corpus/$name.log" 2>&1 || result="FOUND SOMETHING: $corpus/$name.log"
  local inputs
  inputs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$corpus/$name.log")
  printf '%-16s %10s inputs  %s\n' "$name" "$inputs" "$result"
  [[ $result == sound ]]
}
export -f fuzz
export corpus minutes

# One target a core: they do not share what they learn.
# shellcheck disable=SC2016
printf '%s\0' "${targets[@]}" | xargs -0 -n 1 -P "$jobs" bash -c 'fuzz "$1"' fuzz
