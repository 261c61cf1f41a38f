#!/usr/bin/env python3
"""Mail for elsewhere per second and server CPU per message, Mailpod beside Postfix in one run.

    tests/bench/sending.py [--messages 2000] [--connections 10] [--sizes 4096 102400] [--rounds 3] [--peers DIR]

Three pieces of work: a queue that has filled up goes to Postfix's own `smtp-sink`; members submit, and all goes on to that sink at once;
members submit for a second server of the same kind, which stores it. To Mailpod they come as they do, by TLS and password; to Postfix,
which has no passwords here, from its own network in clear. CPU is what the servers' processes used, the second one's too, not that of
load and sink; Mailpod signs (DKIM), Postfix does not. The rounds are interleaved.
"""
import argparse
import contextlib
import json
import multiprocessing
import os
import pty
import re
import smtplib
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from servers import HOST, Peers, Work, add_options, run_script

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "interop"))
import names  # noqa: E402
import pod  # noqa: E402

PATIENCE = 300  # seconds
HERE, THERE, SINK = "here.example", "there.example", "sink.example"
MEMBERS, A_CONNECTION = 100, 200  # so that nobody writes more than a charter allows in a day


class Sink:
    """`smtp-sink`, which says how many messages it has taken."""

    def __init__(self, port):
        self.port, self.process, self.taken = port, None, 0

    def start(self):
        self.said, theirs = pty.openpty()
        self.process = subprocess.Popen(["smtp-sink", "-u", "nobody", "-c", f"{HOST}:{self.port}", "1000"],
                                        stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs)
        os.close(theirs)
        self.rest, self.taken = b"", 0

    def wait_for(self, expected):
        deadline = time.monotonic() + PATIENCE
        while self.taken < expected:
            if time.monotonic() > deadline:
                raise SystemExit(f"the sink has {self.taken} of {expected}")
            *lines, self.rest = re.split(rb"[\r\n]", self.rest + os.read(self.said, 65536))
            for line in lines:
                if found := re.search(rb"mesg=(\d+)", line):
                    self.taken = int(found.group(1))

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
            os.close(self.said)
            self.process = None


class Mailpods:
    """A pod, and another one that it sends to."""
    name = "mailpod"

    def __init__(self, sink_port):
        self.names = names.Names()
        self.here = pod.Neighbour(HERE, *(f"u{number}" for number in range(MEMBERS)))
        self.there = pod.Neighbour(THERE, "u1")
        for domain in (HERE, THERE, SINK):
            self.names.mail_for(domain, "mail." + domain)
        for one in (self.here, self.there):
            one.set("dns", servers=[f"{HOST}@{self.names.port}"])
        self.here.set("guard", **{f"{what}_of_member": 1_000_000 for what in ("messages", "recipients", "remote_recipients")})
        self.ports = {SINK: sink_port, THERE: self.there.port("SMTP")}
        self.recipient = self.there.address("u1")
        self.there.start()

    def begin(self, domain):
        self.here.set("sending", port=self.ports[domain], loopback=True, retry_seconds=[3600])
        self.here.start()
        self.roots = [self.here.serving.pid, self.there.serving.pid]

    def end(self):
        self.here.stop()

    def client(self, number):
        name = f"u{number % MEMBERS}"
        client = smtplib.SMTP_SSL(HOST, self.here.port("SUBMISSIONS"), context=self.here.tls, timeout=PATIENCE)
        client.login(self.here.address(name), self.here.password(name))
        return client, self.here.address(name)

    def has_tried(self):
        """All that is queued."""
        return all(entry["state"] == "waits" for entry in json.loads(self.here.run("--json", "queue", "list").stdout)["entries"])

    def flush(self):
        self.here.run("queue", "retry")

    def stored(self):
        return sum(1 for _ in self.there.path.glob("members/*/Maildir/new/*"))

    def stop(self):
        self.here.remove()
        self.there.remove()
        self.names.close()


class Postfixes:
    """Postfix, and another one with Dovecot that it sends to."""

    def __init__(self, folder, scripts, port_base, sink_port):
        self.there = Peers(folder, scripts, port_base, 10, crypt=False)
        self.name, self.scripts, self.folder = "postfix", scripts, folder / "here"
        self.port = port_base + 10
        self.start()
        self.conf = self.folder / "etc"
        self.run("postconf", "-M", "smtp/unix=smtp unix - - n - - smtp")
        self.run("postconf", "-e", "virtual_mailbox_domains=")
        self.end()
        self.ports = {SINK: sink_port, THERE: self.there.smtp_port}
        self.recipient = f"u1@{self.there.domain}"

    def start(self):
        started = run_script([self.scripts / "postfix.sh", "start", self.folder], self.folder.with_suffix(".log"),
                             SMTP_PORT=str(self.port))
        return int(started["POSTFIX_PID"])

    def run(self, tool, *arguments):
        subprocess.run([tool, "-c", str(self.conf), *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def begin(self, domain):
        self.run("postconf", "-e", f"relayhost=[{HOST}]:{self.ports[domain]}")
        self.run("postfix", "start")
        pid = (self.folder / "spool/pid/master.pid").read_text().strip()
        self.roots = [int(pid), *self.there.roots]

    def end(self):
        self.run("postfix", "stop")

    def client(self, _):
        return smtplib.SMTP(HOST, self.port, timeout=PATIENCE), f"someone@{HERE}"

    def has_tried(self):
        """All that is queued."""
        listed = subprocess.run(["postqueue", "-c", str(self.conf), "-j"], check=True, stdout=subprocess.PIPE).stdout
        return all(json.loads(line)["queue_name"] == "deferred" for line in listed.splitlines())

    def flush(self):
        self.run("postqueue", "-f")

    def stored(self):
        return sum(1 for _ in self.there.stored.glob("*/Maildir/new/*"))

    def stop(self):
        self.there.stop()


def submit(server, recipient, first, messages, size):
    """One connection's share."""
    line = "x" * 76 + "\r\n"
    for start in range(0, messages, A_CONNECTION):
        client, sender = server.client(first + start // A_CONNECTION)
        head = f"From: {sender}\r\nTo: {recipient}\r\nSubject: work\r\n\r\n"
        octets = (head + line * ((size - len(head)) // len(line) + 1))[:size - 2] + "\r\n"
        for _ in range(min(A_CONNECTION, messages - start)):
            client.sendmail(sender, recipient, octets)
        client.quit()


def submit_all(server, recipient, options, size):
    each = options.messages // options.connections
    connections = each // A_CONNECTION + 1
    load = [multiprocessing.Process(target=submit, args=(server, recipient, number * connections, each, size))
            for number in range(options.connections)]
    for process in load:
        process.start()
    for process in load:
        process.join()
    if any(process.exitcode for process in load):
        raise SystemExit(f"{server.name}: submission failed")
    return each * options.connections


def wait_until(condition, server, else_what):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"{server.name}: {else_what}")
        time.sleep(0.05)


def drain(server, sink, work, options, size):
    server.begin(SINK)
    submit_all(server, f"someone@{SINK}", options, size)
    wait_until(server.has_tried, server, "the queue is never tried")
    sink.start()

    def run():
        server.flush()
        sink.wait_for(options.messages)
        return options.messages
    work.measure(server, run)
    sink.stop()
    server.end()


def pass_on(server, sink, work, options, size):
    sink.start()
    server.begin(SINK)

    def run():
        count = submit_all(server, f"someone@{SINK}", options, size)
        sink.wait_for(count)
        return count
    work.measure(server, run)
    server.end()
    sink.stop()


def deliver(server, _, work, options, size):
    server.begin(THERE)
    expected = server.stored() + options.messages

    def run():
        count = submit_all(server, server.recipient, options, size)
        wait_until(lambda: server.stored() >= expected, server, "messages are missing")
        return count
    work.measure(server, run)
    server.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=2000, help="a round")
    parser.add_argument("--connections", type=int, default=10)
    parser.add_argument("--sizes", type=int, nargs="+", default=[4096, 102400])
    add_options(parser)
    options = parser.parse_args()
    options.messages -= options.messages % options.connections

    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as running:
        folder = Path(name)
        folder.chmod(0o755)
        sink = Sink(options.port_base + 300)
        running.callback(sink.stop)
        started = [Mailpods(sink.port)]
        running.callback(started[0].stop)
        if options.peers.is_dir():
            started.append(Postfixes(folder, options.peers, options.port_base, sink.port))
            running.callback(started[1].stop)
        else:
            print(f"no peers in {options.peers}: Mailpod alone")
        for size in options.sizes:
            for title, one_round in (("queue to a sink", drain), ("submission to a sink", pass_on),
                                     ("submission to a second server", deliver)):
                work = Work("messages")
                for _ in range(options.rounds):
                    for server in started:
                        one_round(server, sink, work, options, size)
                work.report(f"{title}, {options.connections} connections, {size} octets, {options.messages} messages a round")


if __name__ == "__main__":
    main()
