#!/usr/bin/env python3
"""Start-up, memory at rest and memory of an idle IMAP session, plain and TLS, Mailpod beside Dovecot in one run.

    tests/bench/footprint.py [--sessions 500] [--members 50] [--most OCTETS] [--rounds 3] [--peers DIR]

Start-up is the time from exec until `mailpod serve` says that its ports answer. Memory is the proportional set size of all of a server's
processes. A TLS session is logged in, has INBOX selected and idles (IDLE), as a phone does; a plain one has only connected, since neither
server takes a password in clear. With --most, exit status 1 if a session of Mailpod's in IDLE takes more octets. 10,000 sessions take this
script a GB and two minutes; a listener of Mailpod's takes 5,000 unless it is told otherwise, which is done here.
"""
import argparse
import os
import resource
import signal
import socket
import statistics
import subprocess
import time

from imap import Client
from servers import HOST, MAILPOD, add_options, memory, servers


def start_up(server):
    """Milliseconds; the server is stopped for it, and stays so."""
    pod = server.folder / "pod"
    server.stop()
    times = []
    for _ in range(10):
        reading, writing = os.pipe()
        begun = time.monotonic()
        process = subprocess.Popen([MAILPOD, "--pod", str(pod), "serve", "--ready-fd", str(writing)], pass_fds=[writing],
                                   stderr=subprocess.DEVNULL)
        os.close(writing)
        if not os.read(reading, 6).startswith(b"ready"):
            raise SystemExit("mailpod did not start")
        times.append((time.monotonic() - begun) * 1000)
        os.close(reading)
        process.send_signal(signal.SIGTERM)
        process.wait()
    return statistics.median(times)


def source(number):
    """Servers limit the sessions of one address; loopback has many."""
    return f"127.0.{number // 20 // 250}.{2 + number // 20 % 250}"


def plain_session(server, number):
    session = socket.create_connection((HOST, server.imap_port), timeout=60, source_address=(source(number), 0))
    session.recv(4096)
    return session


def idle_session(server, number, members):
    client = Client(server, 1 + number % members, source(number))
    client.command(b"SELECT INBOX")
    client.send(b"IDLE\r\n")
    while not client.line().startswith(b"+"):
        pass
    return client


def per_session(server, count, open_one):
    """Octets; the sessions are closed again when they go out of scope."""
    before = memory(server.roots)
    held = [open_one(n) for n in range(count)]
    return (memory(server.roots) - before) / len(held)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=500)
    parser.add_argument("--members", type=int, default=50)
    add_options(parser)
    parser.add_argument("--most", type=int, default=None, help="octets of a session in IDLE")
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with servers(options, members=options.members) as started:
        started[0].admit(options.sessions + 100)
        for server in started:
            print(f"{server.name}: idle {memory(server.roots) / 1e6:.1f} MB", flush=True)
            plain = per_session(server, options.sessions, lambda n: plain_session(server, n))
            print(f"  a plain session, not logged in: {plain / 1000:.1f} KB", flush=True)
            tls = per_session(server, options.sessions, lambda n: idle_session(server, n, options.members))
            print(f"  a session under TLS, in IDLE: {tls / 1000:.1f} KB ({options.sessions} of {options.members} members)", flush=True)
            if server is started[0] and options.most and tls > options.most:
                raise SystemExit(f"a session takes more than {options.most} octets")
        print(f"mailpod: ready {start_up(started[0]):.0f} ms after exec (median of 10)")


if __name__ == "__main__":
    main()
