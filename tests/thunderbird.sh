#!/usr/bin/env bash
# Thunderbird on a pod: reads, writes, files, as a person does, on a screen that nobody sees; pictures of it are left in
# build/thunderbird. Needs root, and a built pod (MAILPOD=PATH; by default build/release/mailpod). Not part of tests/run.sh:
# it brings a hundred packages of a desktop.
#
#   tests/thunderbird.sh [-v] [Thunderbird.test_…]   further arguments go to unittest
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=packaging/packages.sh
source "$root/packaging/packages.sh"

install_missing "${thunderbird_packages[@]}"
if ((EUID != 0)); then
  echo "thunderbird.sh needs root, for a network of its own: Thunderbird shall reach the pod, and nobody else." >&2
  exit 1
fi
export PYTHONDONTWRITEBYTECODE=1
# shellcheck disable=SC2016
exec unshare --net bash -c 'ip link set lo up && exec python3 "$0" "$@"' "$root/tests/interop/thunderbird/run.py" "$@"
