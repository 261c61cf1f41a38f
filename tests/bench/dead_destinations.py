#!/usr/bin/env python3
"""Mail for a live destination beside very much for dead ones: how long it takes, how large the daemon gets, how soon it is back.

    tests/bench/dead_destinations.py [--messages 100000] [--destinations 1000] [--probes 20] [--most-seconds 5] [--most-mib 300]

In a network namespace of its own (root is needed) members write to domains that a name server of its own knows. Half of them lead to
addresses whose packets are lost, the other half to one that takes a connection and never says a word. Probes go to destinations that the
daemon has not seen before: while the queue is filled, when it is full, and after a restart. What they take is counted from the member's
250 to the live server's. Retries come every minute, which is far more often than a pod's: so nearly everything is always due. The exit
status says whether the slowest probe and the largest resident set kept to what was asked.
"""
import argparse
import concurrent.futures
import contextlib
import os
import resource
import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "interop"))
import names  # noqa: E402
import pod  # noqa: E402

MEMBERS = 20
A_DAY = 500  # messages, by the charter; a restart begins to count anew
WRITERS = 8  # connections that fill the queue
BATCH = 20  # messages in one go
PORT = 25
MESSAGE = b"From: <%s>\r\nTo: <%s>\r\nSubject: bench\r\n\r\n" + b"It is a long way to nowhere. All of it is empty.\r\n" * 40


def alone():
    """Goes on in a network namespace of its own; 10.66/16 loses packets, 10.77/16 and 10.78/16 are this machine."""
    if os.environ.get("QUEUE_BENCH_ALONE") != "1":
        os.execvpe("unshare", ["unshare", "--net", sys.executable, *sys.argv], {**os.environ, "QUEUE_BENCH_ALONE": "1"})
    for command in ("link set lo up", "link add lost type veth peer name void", "link set lost arp off up", "link set void up",
                    "addr add 10.66.0.1/16 dev lost", "route add local 10.77.0.0/16 dev lo", "route add local 10.78.0.0/16 dev lo"):
        subprocess.run(["ip", *command.split()], check=True)


def dead_address(number):
    network = 66 if number % 2 else 77
    return f"10.{network}.{1 + number // 250}.{1 + number % 250}"


class Far:
    """Port 25 of every address of this machine: 10.77/16 is silent, the others take mail and note when."""

    def __init__(self):
        self.arrived, self.arrival = {}, threading.Condition()
        self.silent = []
        self.listener = socket.create_server(("0.0.0.0", PORT), backlog=4096)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            address = connection.getsockname()[0]
            if address.startswith("10.77."):
                self.silent.append(connection)
                if len(self.silent) > 20_000:
                    self.silent.pop(0).close()
            else:
                threading.Thread(target=self.serve, args=(connection, address), daemon=True).start()

    def serve(self, connection, address):
        with connection, connection.makefile("rwb") as peer, contextlib.suppress(OSError):
            def say(reply):
                peer.write(reply + b"\r\n")
                peer.flush()
            say(b"220 live ESMTP")
            while line := peer.readline():
                verb = line[:4].upper()
                if verb == b"DATA":
                    say(b"354 go")
                    while peer.readline() not in (b".\r\n", b""):
                        pass
                    with self.arrival:
                        self.arrived[address] = time.monotonic()
                        self.arrival.notify_all()
                say(b"221 bye" if verb == b"QUIT" else b"250 ok")

    def wait_for(self, address, limit=120):
        with self.arrival:
            if not self.arrival.wait_for(lambda: address in self.arrived, limit):
                raise SystemExit(f"no mail for {address} within {limit} s")
            return self.arrived[address]


class Submission:
    """One member's connection; transactions are pipelined (BDAT, RFC 3030)."""

    def __init__(self, one_pod, name):
        self.address = one_pod.address(name).encode()
        client = one_pod.submission(name)
        client.ehlo()
        self.socket, self.replies = client.sock, client.sock.makefile("rb")
        self.client = client

    def send(self, recipients):
        out = bytearray()
        for recipient in recipients:
            message = MESSAGE % (self.address, recipient)
            out += b"MAIL FROM:<%s>\r\nRCPT TO:<%s>\r\nBDAT %d LAST\r\n" % (self.address, recipient, len(message)) + message
        self.socket.sendall(out)
        for _ in range(3 * len(recipients)):
            reply = self.replies.readline()
            if not reply.startswith(b"2"):
                raise SystemExit(f"submission answered {reply!r}")
        return time.monotonic()

    def close(self):
        self.client.quit()


def status(process, key):
    for line in Path("/proc", str(process), "status").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1]) / 1024
    raise KeyError(key)


class Bench:
    def __init__(self, options):
        self.options = options
        self.far = Far()
        self.pod = pod.Neighbour("bench.lab", "prober", *(f"u{n}" for n in range(MEMBERS)))
        self.pod.set("guard", messages_of_member=1_000_000, recipients_of_member=1_000_000, remote_recipients_of_member=1_000_000,
                     refused_recipients_of_member=1_000_000)
        self.names = names.Names()
        for number in range(options.destinations):
            self.names.mail_for(f"dead{number}.example", f"mail.dead{number}.example", dead_address(number))
        self.pod.set("dns", servers=[f"127.0.0.1@{self.names.port}"])
        self.pod.set("sending", retry_seconds=[60])
        self.queued, self.probed, self.largest = 0, 0, 0.0
        self.slowest = {}

    def start(self):
        begun = time.monotonic()
        self.pod.start()
        return time.monotonic() - begun

    def stop(self):
        self.largest = max(self.largest, status(self.pod.serving.pid, "VmHWM"))
        self.pod.stop()

    def probe(self, when, times, pause=0.5):
        """A message each to destinations that were never seen."""
        client = Submission(self.pod, "prober")
        delays = []
        for _ in range(times):
            self.probed += 1
            address = f"10.78.{self.probed // 250}.{1 + self.probed % 250}"
            self.names.mail_for(f"live{self.probed}.example", f"mail.live{self.probed}.example", address)
            sent = client.send([f"friend@live{self.probed}.example".encode()])
            delays.append(self.far.wait_for(address) - sent)
            time.sleep(pause)
        client.close()
        self.slowest[when] = max([self.slowest.get(when, 0.0), *delays])
        return delays

    def fill(self, count):
        """So many messages to the dead, from all members; probes beside them."""
        shares = [(f"u{n}", range(n, count, MEMBERS)) for n in range(MEMBERS)]

        def write(share):
            name, numbers = share
            client = Submission(self.pod, name)
            for begin in range(0, len(numbers), BATCH):
                client.send([b"nobody@dead%d.example" % ((self.queued + number) % self.options.destinations)
                             for number in numbers[begin:begin + BATCH]])
            client.close()

        with concurrent.futures.ThreadPoolExecutor(WRITERS) as writers:
            work = [writers.submit(write, share) for share in shares if len(share[1]) > 0]
            while not all(one.done() for one in work):
                self.probe("while it is filled", 1)
            for one in work:
                one.result()
        self.queued += count

    def report_probes(self, when, delays):
        print(f"  {when}: median {statistics.median(delays):.3f} s, slowest {max(delays):.3f} s of {len(delays)} probes; "
              f"resident {status(self.pod.serving.pid, 'VmRSS'):.0f} MiB", flush=True)

    def run(self):
        print(f"{self.options.messages} messages for {self.options.destinations} dead destinations")
        print(f"  empty: ready in {self.start():.2f} s", flush=True)
        while self.queued < self.options.messages:
            begun, count = time.monotonic(), min(MEMBERS * A_DAY, self.options.messages - self.queued)
            self.fill(count)
            print(f"  {self.queued} queued, {count / (time.monotonic() - begun):.0f}/s; slowest probe so far "
                  f"{self.slowest['while it is filled']:.3f} s; resident {status(self.pod.serving.pid, 'VmRSS'):.0f} MiB", flush=True)
            if self.queued < self.options.messages:
                self.stop()
                self.start()
        self.report_probes("full", self.probe("full", self.options.probes))
        self.stop()
        print(f"  restart: ready in {self.start():.2f} s", flush=True)
        self.report_probes("after a restart", self.probe("after a restart", self.options.probes))
        self.report_probes("later", self.probe("later", self.options.probes, pause=5))
        self.stop()
        slowest = max(self.slowest.values())
        print(f"  slowest probe {slowest:.3f} s, largest resident set {self.largest:.0f} MiB")
        return slowest <= self.options.most_seconds and self.largest <= self.options.most_mib


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--destinations", type=int, default=1_000)
    parser.add_argument("--probes", type=int, default=20)
    parser.add_argument("--most-seconds", type=float, default=5)
    parser.add_argument("--most-mib", type=float, default=300)
    options = parser.parse_args()
    alone()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    bench = Bench(options)
    try:
        kept = bench.run()
    finally:
        bench.pod.remove()
    sys.exit(0 if kept else "slower or larger than was asked")


if __name__ == "__main__":
    main()
