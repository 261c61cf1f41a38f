#!/usr/bin/env python3
"""Mail for a destination with DANE, per second and CPU: Mailpod beside Postfix in one run, in the lab's network.

    tests/lab/alone.sh python3 tests/bench/dane.py [--messages 150] [--rounds 3] [--size 4096]

A domain is signed by knot and has a TLSA record; its server is a Postfix that takes the mail and throws it away. Ours and another Postfix
(`smtp_tls_security_level = dane`) have a queue each that has filled up while the server was away, and send it: both check the same record,
ours by its own libunbound, Postfix by an unbound that validates for it. Ours signs (DKIM). CPU is what the sender's processes used. The
rounds are interleaved.
"""
import argparse
import os
import pathlib
import smtplib
import statistics
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/lab"))
os.environ.setdefault("MAILPOD", str(ROOT / "build/release/mailpod"))
import authority  # noqa: E402
import names  # noqa: E402
import network  # noqa: E402
import pods  # noqa: E402
import postfix  # noqa: E402
import world  # noqa: E402
sys.path.insert(0, str(ROOT / "tests/bench"))
from servers import cpu_seconds  # noqa: E402

FAR = "far.sec.lab"
ZONE = """
sec.lab. 60 SOA ns.lab. hostmaster.lab. 1 1 1 1 1
sec.lab. 60 NS ns.lab.
far.sec.lab. 60 MX 10 mx.far.sec.lab.
mx.far.sec.lab. 60 A 192.0.2.23
_25._tcp.mx.far.sec.lab. 60 TLSA {tlsa}
"""
VALIDATING = """
server:
  interface: 192.0.2.55
  access-control: 192.0.2.0/24 allow
  directory: {folder}
  pidfile: {folder}/validating.pid
  chroot: ""
  username: ""
  do-daemonize: no
  use-syslog: no
  trust-anchor-file: {folder}/anchor
forward-zone:
  name: .
  forward-addr: 192.0.2.54
"""


class Receiver(postfix.Postfix):
    more = "virtual_transport = discard:"


class Sender(postfix.Postfix):
    more = "smtp_dns_support_level = dnssec\nsmtp_tls_security_level = dane\nminimal_backoff_time = 1h\nmaximal_backoff_time = 1h"


class Ours:
    name = "mailpod"

    def __init__(self, lab, options):
        self.lab, self.pod = lab, pods.Pod(lab.hosts["ada"], world.ROOT / "ada", "ada.lab", ["alice"], {
            "dns.trust_anchor": f'"{lab.anchor}"', "sending.retry_seconds": "[3600]", **{
                f"guard.{what}_of_member": "1000000" for what in ("messages", "recipients", "remote_recipients")}})
        self.options = options

    def fill(self, octets):
        with self.pod.submission("alice") as client:
            for _ in range(self.options.messages):
                client.sendmail("alice@ada.lab", [f"frank@{FAR}"], octets)
        network.eventually("all tried", lambda: all(entry["state"] == "waits" for entry in self.pod.waiting()))

    def roots(self):
        return [self.pod.process.pid]

    def flush(self):
        self.pod.command("queue", "retry")


class Theirs:
    name = "postfix"

    def __init__(self, lab, options):
        self.postfix, self.options = Sender(lab.hosts["fix"], world.ROOT / "fix", ["fix.lab"]), options

    def fill(self, octets):
        with self.postfix.host.inside(), smtplib.SMTP("127.0.0.1", 25, timeout=network.PATIENCE) as client:
            for _ in range(self.options.messages):
                client.sendmail("frank@fix.lab", [f"frank@{FAR}"], octets)
        network.eventually("all tried", lambda: all(entry["queue_name"] == "deferred" for entry in self.postfix.queue()))

    def roots(self):
        return [process.pid for process in self.postfix.host.processes]

    def flush(self):
        self.postfix.flush()


class Lab:
    def __init__(self):
        network.make()
        self.hosts = {name: network.Host(name, number) for name, number in
                      {"ada": 11, "fix": 21, "far": 23, "validating": 55}.items()}
        self.far = Receiver(self.hosts["far"], world.ROOT / "far", [FAR])
        record = authority.tlsa(world.ROOT / "far/certificate.pem")
        zone = "ada MX 10 mx.ada\nmx.ada A 192.0.2.11\nfix MX 10 mx.fix\nmx.fix A 192.0.2.21\nsec NS ns\n"
        self.names = names.Names(world.ROOT / "names", zone, signed={"sec.lab": ZONE.format(tlsa=record)})
        self.anchor = world.ROOT / "names/anchor"
        self.anchor.write_text(self.names.trust_anchor("sec.lab"))
        (world.ROOT / "names/validating.conf").write_text(VALIDATING.format(folder=world.ROOT / "names"))
        with open(world.ROOT / "names/log", "ab") as log:
            self.hosts["validating"].start("unbound", "-c", world.ROOT / "names/validating.conf", stdout=log, stderr=log)
        pathlib.Path("/etc/resolv.conf").write_text("nameserver 192.0.2.55\noptions trust-ad\n")
        network.eventually("the resolver", lambda: self.hosts["validating"].listens(53))

    def taken(self):
        return self.far.log().count("status=sent (" + FAR + ")")


def measure(lab, server, octets, count):
    lab.hosts["far"].unplug()
    server.fill(octets)
    lab.hosts["far"].plug()
    before, cpu, began = lab.taken(), cpu_seconds(server.roots()), time.monotonic()
    server.flush()
    while lab.taken() < before + count:
        if time.monotonic() > began + 300:
            raise SystemExit(f"{server.name}: {lab.taken() - before} of {count} arrived")
        time.sleep(0.02)
    seconds = time.monotonic() - began
    return count / seconds, (cpu_seconds(server.roots()) - cpu) / count * 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=150, help="a round; of all rounds a member may send 500 a day")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", type=int, default=4096)
    options = parser.parse_args()
    lab = Lab()
    servers = [Ours(lab, options), Theirs(lab, options)]
    line = "x" * 76 + "\r\n"
    octets = "From: alice@ada.lab\r\nSubject: work\r\n\r\n" + line * (options.size // len(line))
    found = {server.name: [] for server in servers}
    for _ in range(options.rounds):
        for server in servers:
            found[server.name].append(measure(lab, server, octets, options.messages))
    for name, rounds in found.items():
        rates = [rate for rate, _ in rounds]
        print(f"{name:10} {statistics.median(rates):8.0f} messages/s ({min(rates):.0f}–{max(rates):.0f})"
              f" {statistics.median(cpu for _, cpu in rounds):8.2f} ms of CPU a message")
    if "(TLS" not in lab.far.log() and "TLS connection established" not in lab.far.log():
        raise SystemExit("there was no TLS")


if __name__ == "__main__":
    main()
