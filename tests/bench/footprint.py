#!/usr/bin/env python3
"""Start-up, memory at rest, memory of an idle IMAP session, plain and TLS, and how soon idle sessions hear of mail, Mailpod beside Dovecot
in one run.

    tests/bench/footprint.py [--sessions 500] [--members 50] [--most OCTETS] [--deliveries 200] [--latest SECONDS] [--rounds 3] [--peers DIR]

Start-up is the time from exec until `mailpod serve` says that its ports answer. Memory is the proportional set size of all of a server's
processes. A TLS session is logged in, has INBOX selected and idles (IDLE), as a phone does; a plain one has only connected, since neither
server takes a password in clear. With --most, exit status 1 if a session of Mailpod's in IDLE takes more octets. 10,000 sessions take this
script a GB and two minutes; a listener of Mailpod's takes 5,000 unless it is told otherwise, which is done here.

Then messages are delivered one after another, by SMTP, to one member each, while all these sessions idle. What is measured is the time from
the server's answer to the dot until each session of that member has read EXISTS. With --latest, exit status 1 if one in a hundred of
Mailpod's takes longer than so many seconds, or if one hears nothing within a minute.
"""
import argparse
import os
import resource
import selectors
import signal
import smtplib
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
    """Octets of each, and the sessions; they are closed again when they go out of scope."""
    before = memory(server.roots)
    held = [open_one(n) for n in range(count)]
    return (memory(server.roots) - before) / len(held), held


def hear_of_exists(sessions, begun):
    """Seconds since `begun` until each of them has heard EXISTS; a minute for who has not."""
    heard = []
    with selectors.DefaultSelector() as waiting:
        for session in sessions:
            waiting.register(session.socket, selectors.EVENT_READ, session)
        while waiting.get_map():
            ready = waiting.select(max(0, begun + 60 - time.monotonic()))
            if not ready:
                return heard + [60.0] * len(waiting.get_map())
            for key, _ in ready:
                session = key.data
                session.rest += session.socket.recv(65536)
                if b" EXISTS\r\n" in session.rest:
                    heard.append(time.monotonic() - begun)
                    session.rest = b""
                    waiting.unregister(session.socket)
    return heard


def notified(server, sessions, members, deliveries):
    """Seconds from a delivery to EXISTS, for each session of each member that mail came for."""
    times = []
    with smtplib.SMTP(HOST, server.smtp_port, "bench.example.org", timeout=60) as sender:
        for number in range(deliveries):
            place = number % min(members, len(sessions))
            name = server.user(1 + place)[0]
            to = name if "@" in name else f"{name}@{server.domain}"
            sender.sendmail("sender@example.org", [to], f"From: sender@example.org\r\nSubject: delivery {number}\r\n"
                            f"Date: Thu, 1 Jan 2026 00:00:00 +0000\r\nMessage-ID: <{number}@bench.example.org>\r\n\r\nHello.\r\n")
            times += hear_of_exists(sessions[place::members], time.monotonic())
    return sorted(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=500)
    parser.add_argument("--members", type=int, default=50)
    add_options(parser)
    parser.add_argument("--most", type=int, default=None, help="octets of a session in IDLE")
    parser.add_argument("--deliveries", type=int, default=200)
    parser.add_argument("--latest", type=float, default=None, help="seconds to EXISTS, for 99 of 100")
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with servers(options, members=options.members) as started:
        started[0].admit(options.sessions + 100)
        for server in started:
            print(f"{server.name}: idle {memory(server.roots) / 1e6:.1f} MB", flush=True)
            plain, held = per_session(server, options.sessions, lambda n: plain_session(server, n))
            del held
            print(f"  a plain session, not logged in: {plain / 1000:.1f} KB", flush=True)
            tls, held = per_session(server, options.sessions, lambda n: idle_session(server, n, options.members))
            print(f"  a session under TLS, in IDLE: {tls / 1000:.1f} KB ({options.sessions} of {options.members} members)", flush=True)
            if server is started[0] and options.most and tls > options.most:
                raise SystemExit(f"a session takes more than {options.most} octets")
            times = notified(server, held, options.members, options.deliveries)
            middle, late = statistics.median(times), times[len(times) * 99 // 100]
            print(f"  from delivery to EXISTS: median {middle * 1000:.1f} ms, p99 {late * 1000:.1f} ms, longest {times[-1] * 1000:.1f} ms "
                  f"({options.deliveries} deliveries, heard {len(times)} times)", flush=True)
            if server is started[0] and options.latest and (late > options.latest or times[-1] >= 60):
                raise SystemExit(f"one in a hundred hears of mail after more than {options.latest} s, or one not at all")
            del held
        print(f"mailpod: ready {start_up(started[0]):.0f} ms after exec (median of 10)")


if __name__ == "__main__":
    main()
