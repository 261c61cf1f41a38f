#!/usr/bin/env python3
"""IMAP APPEND and FETCH of a whole mailbox: pieces per second and server CPU each, Mailpod beside Dovecot in one run.

    tests/bench/imap.py [--messages 1000] [--connections 10] [--sizes 4096 102400] [--rounds 3] [--peers DIR]

APPEND: each connection logs in as a member of its own and appends messages one after another. FETCH: one connection reads BODY.PEEK[] of every
message of one mailbox, as a new client does; it only counts octets, so that what is measured is the server. All use the TLS port: Mailpod
takes no password without.
"""
import argparse
import socket
import ssl
import threading

from servers import HOST, Work, add_options, servers


def message(size):
    header = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: a benchmark\r\nDate: Thu, 1 Jan 2026 00:00:00 +0000\r\n" \
             b"Message-ID: <bench@example.org>\r\n\r\n"
    line = b"x" * 70 + b"\r\n"
    return header + line * ((size - len(header)) // len(line))


# One for all: to make one takes longer than a handshake.
UNVERIFIED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
UNVERIFIED.check_hostname, UNVERIFIED.verify_mode = False, ssl.CERT_NONE


class Client:
    """Just enough IMAP to keep a server busy."""

    def __init__(self, server, number, source=HOST):
        self.connect(server, source)
        self.login(server, number)

    @classmethod
    def connected(cls, server):
        """One that has not logged in yet."""
        client = cls.__new__(cls)
        client.connect(server)
        return client

    def connect(self, server, source=HOST):
        self.socket = UNVERIFIED.wrap_socket(socket.create_connection((HOST, server.imaps_port), timeout=120,
                                                                      source_address=(source, 0)))
        self.rest, self.tag = b"", 0
        self.line()

    def login(self, server, number):
        name, password = server.user(number)
        self.command(f'LOGIN {name} "{password}"'.encode())

    def line(self):
        while b"\r\n" not in self.rest:
            more = self.socket.recv(65536)
            if not more:
                raise SystemExit("the server hung up")
            self.rest += more
        line, self.rest = self.rest.split(b"\r\n", 1)
        return line

    def send(self, octets):
        self.tag += 1
        self.socket.sendall(b"a%d " % self.tag + octets)

    def command(self, words, literal=None):
        self.send(words + (b"\r\n" if literal is None else b" {%d}\r\n" % len(literal)))
        if literal is not None:
            while not self.line().startswith(b"+"):
                pass
            self.socket.sendall(literal + b"\r\n")
        done = b"a%d " % self.tag
        while True:
            line = self.line()
            if line.startswith(done):
                if not line.startswith(done + b"OK"):
                    raise SystemExit(line.decode(errors="replace"))
                return

    def fetch_all(self):
        """Octets of the answer to a FETCH of everything."""
        self.send(b"UID FETCH 1:* BODY.PEEK[]\r\n")
        done, tail, total = b"\r\na%d OK" % self.tag, b"", 0
        while done not in tail:
            more = self.socket.recv(262144)
            if not more:
                raise SystemExit("the server hung up")
            total += len(more)
            tail = (tail + more)[-len(more) - 64:]
        return total


def append(server, clients, mailbox, each, octets):
    def work(client):
        for _ in range(each):
            client.command(b"APPEND " + mailbox, octets)
    threads = [threading.Thread(target=work, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return each * len(clients)


def fetch(client, mailbox, count, size):
    client.command(b"SELECT " + mailbox)
    if client.fetch_all() < count * size:
        raise SystemExit("messages are missing")
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1000, help="a round, of 4 KiB; larger ones are fewer")
    parser.add_argument("--connections", type=int, default=10)
    parser.add_argument("--sizes", type=int, nargs="+", default=[4096, 102400])
    add_options(parser)
    options = parser.parse_args()

    with servers(options) as started:
        for size in options.sizes:
            octets = message(size)
            each = max(10, options.messages // options.connections // (1 if size <= 4096 else 5))
            mailbox = b"bench%d" % size
            clients = {server.name: [Client(server, 1 + n) for n in range(options.connections)] for server in started}
            for group in clients.values():
                for client in group:
                    client.command(b"CREATE " + mailbox)
            appends, fetches = Work("appends"), Work("messages")
            for _ in range(options.rounds):
                for server in started:
                    appends.measure(server, lambda: append(server, clients[server.name], mailbox, each, octets))
            count = each * options.rounds
            for _ in range(options.rounds):
                for server in started:
                    fetches.measure(server, lambda: fetch(clients[server.name][0], mailbox, count, len(octets)))
            appends.report(f"APPEND, {options.connections} connections, {size} octets, {each * options.connections} a round")
            fetches.report(f"FETCH of a whole mailbox, {count} messages of {size} octets")


if __name__ == "__main__":
    main()
