#!/usr/bin/env bash
# alone.sh COMMAND…: runs a command as process 1 of a world of its own: no network but what it makes, its own /run, and
# copies of /etc and /usr with the tools of $MAILPOD_PEERS laid over. Nothing of this machine is changed, and whatever
# way the command ends, all that it started ends with it.
set -euo pipefail

lacking() {
  echo "The lab needs $1." >&2
  exit 1
}

if [[ ${1:-} != --inside ]]; then
  ((EUID == 0)) || lacking "root, for network namespaces"
  command -v ip >/dev/null || lacking "ip (package iproute2)"
  exec unshare --net --mount --pid --fork --kill-child --mount-proc "${BASH_SOURCE[0]}" --inside "$@"
fi
shift

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
peers=${MAILPOD_PEERS:-$root/build/peers}
mount -t tmpfs lab /run
mkdir -p /run/netns /run/lab /run/etc/upper /run/etc/work
over_etc=
[[ -d $peers ]] && over_etc=$peers/etc:
mount -t overlay lab -o "lowerdir=$over_etc/etc,upperdir=/run/etc/upper,workdir=/run/etc/work" /etc
[[ -d $peers ]] && mount -t overlay lab -o "lowerdir=$peers/usr:/usr" /usr
export PATH="$PATH:/usr/sbin:/sbin"
for tool in knotd unbound postfix exim4 smtpctl; do
  command -v "$tool" >/dev/null || lacking "$tool (tests/run.sh fetches it; without it: packaging/packages.sh)"
done
exec "$@"
