"""The lab's DNS: knot with the zones, a server that misbehaves, and unbound, which resolves for everyone."""

import pathlib
import signal
import socket
import subprocess
import sys

import broken_dns
import network

FOLDER = pathlib.Path(__file__).resolve().parent

ROOT_ZONE = """
. 60 SOA ns.lab. hostmaster.lab. 1 1 1 1 1
. 60 NS ns.lab.
lab. 60 NS ns.lab.
ns.lab. 60 A 192.0.2.53
"""

LAB_ZONE = """
$ORIGIN lab.
$TTL 1
@ SOA ns hostmaster {serial} 1 1 1 1
@ NS ns
ns A 192.0.2.53
"""

KNOT = """
server:
  listen: [ 192.0.2.53@53, 2001:db8::53@53 ]
  rundir: {folder}
database:
  storage: {folder}
log:
  - target: stderr
    any: warning
policy:
  - id: lab
    algorithm: ecdsap256sha256
    single-type-signing: on
zone:
  - domain: .
    file: {folder}/root.zone
  - domain: lab
    file: {folder}/lab.zone
"""

# `signing`: on or off.
MORE = """  - domain: {name}
    file: {folder}/{name}.zone
    zonefile-sync: -1
    journal-content: none
    dnssec-signing: {signing}
    dnssec-policy: lab
"""

UNBOUND = """
server:
  interface: 192.0.2.54
  access-control: 192.0.2.0/24 allow
  directory: {folder}
  pidfile: {folder}/unbound.pid
  root-hints: {folder}/hints
  chroot: ""
  username: ""
  do-daemonize: no
  use-syslog: no
  module-config: "iterator"
  local-zone: 2.0.192.in-addr.arpa nodefault
  local-zone: 8.b.d.0.1.0.0.2.ip6.arpa nodefault
"""

HINTS = """
. 60 NS ns.lab.
ns.lab. 60 A 192.0.2.53
"""


def wait_for_answer(resolver, name):
    """The resolver's first answer about a name that is there."""
    # One question, recursion desired, for NS.
    query = b"\0\1\1\0\0\1\0\0\0\0\0\0" + broken_dns.name(name) + b"\0\2\0\1"
    with resolver.inside(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(0.1)
        asking.connect((resolver.ipv4, 53))
        for _ in range(network.PATIENCE * 10):
            try:
                asking.send(query)
                if asking.recv(4096)[3] & 15 == 0:
                    return
            except (TimeoutError, ConnectionRefusedError):
                pass
    raise AssertionError("the resolver does not answer")


class Names:
    """`zone`: the text of the zone lab, but for its SOA and NS; `reverse`: whose addresses are whose; `signed`,
    `unsigned`: further zones below lab, {name: the text of it all}."""

    def __init__(self, folder, zone, reverse="", signed=None, unsigned=None):
        self.folder = folder
        folder.mkdir()
        self.authority, self.broken = network.Host("ns", 53), network.Host("broken", 66)
        self.resolver = network.Host("resolver", 54)
        (folder / "root.zone").write_text(ROOT_ZONE + reverse)
        self.zone, self.added, self.serial = zone, {}, 0
        self.write_zone()
        (folder / "hints").write_text(HINTS)
        more = ""
        for signing, zones in (("on", signed or {}), ("off", unsigned or {})):
            for name, text in zones.items():
                (folder / f"{name}.zone").write_text(text)
                more += MORE.format(folder=folder, name=name, signing=signing)
        (folder / "knot.conf").write_text(KNOT.format(folder=folder) + more)
        (folder / "unbound.conf").write_text(UNBOUND.format(folder=folder))
        pathlib.Path("/etc/resolv.conf").unlink(missing_ok=True)
        pathlib.Path("/etc/resolv.conf").write_text(f"nameserver {self.resolver.ipv4}\n")
        with open(folder / "log", "ab") as log:
            self.start(log)
        wait_for_answer(self.resolver, "lab")

    def start(self, log):
        folder = self.folder
        self.knot = self.authority.start("knotd", "--config", folder / "knot.conf", stdout=log, stderr=log)
        broken = self.broken.start(sys.executable, FOLDER / "broken_dns.py", self.broken.ipv4,
                                   stdout=subprocess.PIPE, stderr=log)
        self.resolver.start("unbound", "-c", folder / "unbound.conf", stdout=log, stderr=log)
        with broken.stdout:
            if broken.stdout.readline() != b"ready\n":
                raise AssertionError((folder / "log").read_text())

    def write_zone(self):
        self.serial += 1
        (self.folder / "lab.zone").write_text(LAB_ZONE.replace("{serial}", str(self.serial)) + self.zone +
                                              "".join(self.added.values()))

    def publish(self, key, lines):
        """Lines of a zone file, in the place of what was published under this key before; they are there by and by."""
        self.added[key] = lines
        self.write_zone()
        self.knot.send_signal(signal.SIGHUP)

    def trust_anchor(self, zone):
        """The DS record of a signed zone."""
        shown = self.authority.run("keymgr", "-c", self.folder / "knot.conf", zone, "ds").stdout
        return next(line for line in shown.splitlines() if " 2 " in line) + "\n"

    def stop(self):
        for host in (self.authority, self.broken, self.resolver):
            host.stop()
