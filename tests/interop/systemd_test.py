#!/usr/bin/env python3
"""packaging/mailpod.service under systemd itself: a booted one, in namespaces of its own, over a copy of this machine's
files that is thrown away. It takes root, and a kernel that lets systemd be process 1 of a namespace: where it does not, the
test fails and says why."""

import os
import pathlib
import re
import select
import shutil
import subprocess
import tempfile
import textwrap
import unittest

import pod

BOOT = r"""
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs $PLACE/layers; mkdir -p $PLACE/layers/{up,work,root}
mount -t overlay overlay -o lowerdir=/,upperdir=$PLACE/layers/up,workdir=$PLACE/layers/work $PLACE/layers/root
cd $PLACE/layers/root
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t tmpfs tmpfs run; mkdir -p run/lock
mount -t tmpfs -o mode=755 tmpfs sys/fs/cgroup
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs dev
for d in null zero full random urandom tty; do mknod -m 666 dev/$d c $(stat -c '0x%t 0x%T' /dev/$d); done
mkdir -p dev/pts dev/shm; mount -t tmpfs tmpfs dev/shm; ln -s /proc/self/fd dev/fd
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts; ln -s pts/ptmx dev/ptmx
mount -t tmpfs -o mode=1777 tmpfs tmp
ip link set lo up 2>/dev/null || true
rm -rf etc/systemd/system; mkdir -p etc/systemd/system/mailpod.service.d usr/local/bin out
install -m 755 $MAILPOD usr/local/bin/mailpod
cp $UNIT etc/systemd/system/mailpod.service
cp $PLACE/units/*.service $PLACE/units/*.target etc/systemd/system/
cp $PLACE/units/proof.conf etc/systemd/system/mailpod.service.d/
grep -q ^mailpod: etc/passwd || { echo "mailpod:x:990:990::/var/lib/mailpod:/usr/sbin/nologin" >> etc/passwd
                                  echo "mailpod:x:990:" >> etc/group; }
rm -rf var/lib/mailpod etc/mailpod; mkdir -p var/lib/mailpod etc/mailpod
chroot . mailpod init /var/lib/mailpod/pod --domain coop.example --maintainer-key /root/maintainer.key \
    --server-key /etc/mailpod/server.key > /dev/null 2>&1
sed -i 's|^server_key = .*|server_key = "credential:server.key"|' var/lib/mailpod/pod/mailpod.toml
chroot . chown -R mailpod:mailpod /var/lib/mailpod
mount --bind $PLACE/out out
# systemd hands credentials over by mounts that its children make.
mount --make-rshared $PLACE/layers/root
exec env -i container=lxc PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot . /lib/systemd/systemd --unit=proof.target \
    --log-target=console --show-status=0
"""

UNITS = {
    "proof.target": "[Unit]\nRequires=proof.service\nDefaultDependencies=no\n",
    "proof.conf": "[Unit]\nDefaultDependencies=no\n[Service]\nLoadCredential=server.key:/etc/mailpod/server.key\n"
                  "WatchdogSec=3\nStandardOutput=append:/out/daemon\nStandardError=append:/out/daemon\n",
    "proof.service": "[Unit]\nDefaultDependencies=no\nWants=mailpod.service\nAfter=mailpod.service\n[Service]\n"
                     "Type=oneshot\nExecStart=/bin/bash /out/proof.sh\nStandardOutput=file:/out/said\n"
                     "StandardError=file:/out/said\n",
}

PROOF = r"""
export MAILPOD_POD=/var/lib/mailpod/pod
state() { echo "$1: $(systemctl show mailpod -p ActiveState -p NRestarts -p Result -p ExecMainStatus | sort | tr '\n' ' ')"; }
state started
P=$(systemctl show mailpod -p MainPID --value); [ "$P" = 0 ] && { echo ended > /out/end; exit 1; }
mailpod health > /dev/null; echo "health: $?"
grep -E "^(CapEff|NoNewPrivs|Seccomp|Uid):" /proc/$P/status
systemctl reload mailpod; echo "reload: $?"
echo "nonsense = 1" >> $MAILPOD_POD/mailpod.toml
systemctl reload mailpod; echo "broken reload: $?"
sed -i '$d' $MAILPOD_POD/mailpod.toml
state reloaded
kill -STOP $P
# It hangs, so the watchdog ends it, and systemd starts another.
for i in $(seq 200); do [ "$(systemctl show mailpod -p NRestarts --value)" != 0 ] && break; sleep 0.1; done
for i in $(seq 100); do mailpod health > /dev/null 2>&1 && break; sleep 0.1; done
state hung
systemctl stop mailpod
state stopped
echo ended > /out/end
"""


NAMESPACES = ("unshare", "-m", "-p", "-f", "-u", "-i", "-n", "-C", "--kill-child")


def hindrance():
    """Why no systemd can be booted here, or nothing."""
    if os.geteuid() != 0:
        return "booting systemd takes root"
    if not pathlib.Path("/lib/systemd/systemd").exists():
        return "there is no /lib/systemd/systemd (package systemd)"
    tried = subprocess.run([*NAMESPACES, "true"], capture_output=True, text=True, timeout=pod.PATIENCE)
    return f"no namespaces to boot systemd in: {tried.stderr.strip()}" if tried.returncode else None


class Booted(unittest.TestCase):
    def setUp(self):
        if reason := hindrance():
            self.fail(reason)

    def test_runs_in_its_sandbox_and_reloads_and_is_watched(self):
        place = pathlib.Path(tempfile.mkdtemp(prefix="mailpod-"))
        self.addCleanup(shutil.rmtree, place)
        for folder in ("layers", "units", "out"):
            (place / folder).mkdir()
        for name, text in UNITS.items():
            (place / "units" / name).write_text(text)
        (place / "out/proof.sh").write_text(PROOF)
        (place / "boot.sh").write_text(textwrap.dedent(BOOT))
        os.mkfifo(place / "out/end")
        end = os.open(place / "out/end", os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, end)
        with open(place / "console", "w") as console:
            booted = subprocess.Popen(
                [*NAMESPACES, "bash", str(place / "boot.sh")], stdin=subprocess.DEVNULL, stdout=console, stderr=console,
                env={**os.environ, "PLACE": str(place), "MAILPOD": pod.MAILPOD,
                     "UNIT": str(pod.ROOT / "packaging/mailpod.service")})
        try:
            select.select([end], [], [], pod.PATIENCE)
        finally:
            booted.kill()  # and with it the namespace
            booted.wait()
        console = (place / "console").read_text()
        said = (place / "out/said").read_text() if (place / "out/said").exists() else console
        daemon = (place / "out/daemon").read_text() if (place / "out/daemon").exists() else ""
        for line in ("started: ActiveState=active ExecMainStatus=0 NRestarts=0 Result=success", "health: 0", "reload: 0",
                     "broken reload: 1", "reloaded: ActiveState=active ExecMainStatus=0 NRestarts=0 Result=success",
                     "hung: ActiveState=active ExecMainStatus=0 NRestarts=1", "stopped: ActiveState=inactive", "NoNewPrivs:\t1",
                     "Seccomp:\t2", "CapEff:\t0000000000000400", "Uid:\t"):
            self.assertIn(line, said, daemon)
        self.assertFalse(re.search(r"^Uid:\t0\b", said, re.M), said)
        self.assertIn("log.nonsense is no setting", daemon)


if __name__ == "__main__":
    unittest.main()
