#!/usr/bin/env python3
"""Start-up, memory at rest and memory of an idle IMAP session, plain and TLS, Mailpod beside Dovecot in one run.

    tests/bench/footprint.py [--sessions 500] [--members 10] [--rounds 3] [--peers DIR]

Start-up is the time from exec until `mailpod serve` says that its ports answer. Memory is the proportional set size of all of a server's
processes. A TLS session is logged in, has INBOX selected and idles (IDLE), as a phone does; a plain one has only connected, since neither
server takes a password in clear.
"""
import argparse
import os
import signal
import socket
import statistics
import subprocess
import time

from imap import Client
from servers import HOST, ROOT, add_options, memory, servers


def start_up(server):
    """Milliseconds; the server is stopped for it, and stays so."""
    pod = server.folder / "pod"
    binary = os.environ.get("MAILPOD", str(ROOT / "build/release/mailpod"))
    server.stop()
    times = []
    for _ in range(10):
        reading, writing = os.pipe()
        begun = time.monotonic()
        process = subprocess.Popen([binary, "--pod", str(pod), "serve", "--ready-fd", str(writing)], pass_fds=[writing],
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
    return f"127.0.0.{2 + number // 20}"


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
    options = parser.parse_args()
    with servers(options, members=options.members) as started:
        for server in started:
            print(f"{server.name}: idle {memory(server.roots) / 1e6:.1f} MB", flush=True)
            plain = per_session(server, options.sessions, lambda n: plain_session(server, n))
            print(f"  a plain session, not logged in: {plain / 1000:.1f} KB", flush=True)
            tls = per_session(server, options.sessions, lambda n: idle_session(server, n, options.members))
            print(f"  a session under TLS, in IDLE: {tls / 1000:.1f} KB ({options.sessions} of {options.members} members)", flush=True)
        print(f"mailpod: ready {start_up(started[0]):.0f} ms after exec (median of 10)")


if __name__ == "__main__":
    main()
