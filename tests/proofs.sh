#!/usr/bin/env bash
# The proofs of docs/promises.md at their large size. tests/run.sh runs the same tests, smaller.
#
#   tests/proofs.sh                 all of them: some hours
#   tests/proofs.sh crash kills     those that are named
#
#   crash    a million states that a power loss or a kill may leave, each reopened by production code
#   kills    strace: the daemon killed at every call that changes the disk, and its restart at four more
#   storm    ten thousand kills at random moments, under load
#   worlds   twenty thousand simulated pods
#   model    ten million steps of IMAP sessions against the model
#   ledger   a million leaves, appended, proved and verified, with the times
#
# Root, or whoever may trace the daemon. The last line says what failed, if something did.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=packaging/packages.sh
source "$root/packaging/packages.sh"
jobs=$(nproc)
reports=$root/build/proofs
wanted=1000000 # states

install_missing "${test_packages[@]}"
cd "$root"
cmake --preset release -DMAILPOD_TESTS=ON >/dev/null
cmake --build build/release --parallel "$jobs" --target mailpod test_crash test_world test_model test_governance
mkdir -p "$reports"
export MAILPOD=$root/build/release/mailpod PYTHONDONTWRITEBYTECODE=1

# in_shards REPORT FILTER: the matching tests of test_crash, spread over the cores.
in_shards() {
  local report=$reports/$1 filter=$2 shard shards=() failed=0
  for ((shard = 0; shard < jobs; shard++)); do
    GTEST_TOTAL_SHARDS=$jobs GTEST_SHARD_INDEX=$shard build/release/tests/crash/test_crash --gtest_filter="$filter" \
      >"$report.$shard" 2>&1 </dev/null &
    shards+=($!)
  done
  for shard in "${shards[@]}"; do wait "$shard" || failed=1; done
  cat "$report".[0-9]* >"$report"
  rm "$report".[0-9]*
  return "$failed"
}

# total REPORT PATTERN: the sum of the numbers that stand before the words of PATTERN.
total() {
  sed -En "s/^(.*: )?([0-9]+) $2.*/\2/p" "$reports/$1" | awk '{ sum += $1 } END { print sum + 0 }'
}

prove_crash() {
  local states
  MAILPOD_CRASH_SEEDS=${MAILPOD_CRASH_SEEDS:-1140} in_shards crash 'Lives/*:EverySync.*' || return 1
  states=$(total crash 'states after')
  echo "$states states, 0 lost; every sync is needed"
  ((states >= wanted))
}

prove_kills() {
  MAILPOD_STRACE=large python3 tests/storm/strace_test.py -v >"$reports/kills" 2>&1 || return 1
  grep ' kills in ' "$reports/kills"
}

prove_storm() {
  MAILPOD_STORM_KILLS=${MAILPOD_STORM_KILLS:-10000} python3 tests/storm/storm_test.py -v >"$reports/storm" 2>&1 || return 1
  grep -m1 ' kills' "$reports/storm"
}

prove_worlds() {
  MAILPOD_WORLD_RUNS=${MAILPOD_WORLD_RUNS:-20000} build/release/tests/world/test_world --gtest_filter='*ManyWorlds*' \
    >"$reports/worlds" 2>&1 </dev/null || return 1
  grep -c '\[       OK' "$reports/worlds" | sed 's/$/ parts of the worlds kept every promise/'
}

prove_model() {
  MAILPOD_MODEL_STEPS=${MAILPOD_MODEL_STEPS:-10000000} build/release/tests/model/test_model >"$reports/model" 2>&1 </dev/null || return 1
  grep ' steps, ' "$reports/model"
}

prove_ledger() {
  MAILPOD_LEDGER_LEAVES=${MAILPOD_LEDGER_LEAVES:-1000000} build/release/tests/test_governance \
    --gtest_filter='LedgerSpeed.*' >"$reports/ledger" 2>&1 </dev/null || return 1
  grep ' leaves/s ' "$reports/ledger"
}

proofs=("$@")
((${#proofs[@]} > 0)) || proofs=(crash kills storm worlds model ledger)
failed=()
for proof in "${proofs[@]}"; do
  declare -F "prove_$proof" >/dev/null || { echo "There is no proof called $proof; see the head of $0" >&2; exit 2; }
done
for proof in "${proofs[@]}"; do
  echo "== $proof"
  "prove_$proof" || { failed+=("$proof"); tail -20 "$reports/$proof"; }
done
((${#failed[@]} == 0)) || { echo "FAILED: ${failed[*]}; what they said is in $reports"; exit 1; }
