"""A name server for tests, in a thread: it answers what it was told, over UDP."""

import socket
import struct
import threading

A, MX, TXT = 1, 15, 16
NO_ERROR, SERVFAIL, NXDOMAIN = 0, 2, 3


def encoded(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label) + b"\0"


class Names:
    """`records[name, type]` is a list of record data, which may be remembered for `ttl` seconds; a name that stands in
    `broken` is SERVFAIL, an unknown one does not exist."""

    def __init__(self, ttl=0):
        self.ttl = ttl
        self.records, self.broken = {}, set()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def mail_for(self, domain, host, address="127.0.0.1"):
        self.records[domain, MX] = [struct.pack("!H", 10) + encoded(host)]
        self.records[host, A] = [socket.inet_aton(address)]

    def serve(self):
        while True:
            try:
                query, client = self.socket.recvfrom(4096)
                self.socket.sendto(self.answer(query), client)
            except OSError:  # closed
                return

    def answer(self, query):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode().lower())
            at += 1 + query[at]
        question = query[12:at + 5]
        kind, = struct.unpack("!H", question[-4:-2])
        name = ".".join(labels)
        known = (name, A) in self.records or any(name == owner or owner.endswith("." + name) for owner, _ in self.records)
        code = SERVFAIL if name in self.broken else NO_ERROR if known else NXDOMAIN
        data = [] if code else self.records.get((name, kind), [])
        head = query[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, len(data), 0, 0)
        return head + question + b"".join(
            b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, self.ttl, len(one)) + one for one in data)

    def close(self):
        self.socket.close()
