#!/usr/bin/env python3
"""broken_dns.py ADDRESS: a name server that misbehaves, each zone in its own way; over UDP alone."""

import asyncio
import socket
import struct
import sys

SLOW_SECONDS = 1.5
MX, SOA = 15, 6
NOERROR, SERVFAIL, REFUSED = 0, 2, 5
AUTHORITATIVE = 0x8400  # a response, and AA


def question_of(query):
    """The labels asked for, the type, and the question's octets."""
    labels, at = [], 12
    while size := query[at]:
        labels.append(query[at + 1:at + 1 + size].decode().lower())
        at += 1 + size
    return labels, struct.unpack_from("!H", query, at + 1)[0], query[12:at + 5]


def name(text):
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".") if label) + b"\0"


def record(owner, kind, data):
    return name(owner) + struct.pack("!HHIH", kind, 1, 1, len(data)) + data


def reply(query, question, code, answers=(), authority=()):
    head = query[:2] + struct.pack("!HHHHH", AUTHORITATIVE | code, 1, len(answers), len(authority), 0)
    return head + question + b"".join(answers) + b"".join(authority)


class Broken(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, query, peer):
        labels, kind, question = question_of(query)
        zone = ".".join(labels[-2:])
        if zone == "slow.lab":
            asyncio.get_running_loop().call_later(SLOW_SECONDS, self.answer, query, question, labels, kind, peer)
        elif zone == "servfail.lab":
            self.transport.sendto(reply(query, question, SERVFAIL), peer)
        elif zone == "lame.lab":  # which this server knows nothing of
            self.transport.sendto(reply(query, question, REFUSED), peer)
        # Of every other zone (silent.lab): no answer at all.

    def answer(self, query, question, labels, kind, peer):
        """slow.lab's mail goes to fix."""
        if kind == MX and labels == ["slow", "lab"]:
            answer = record("slow.lab", MX, struct.pack("!H", 10) + name("mx.fix.lab"))
            self.transport.sendto(reply(query, question, NOERROR, [answer]), peer)
        else:
            soa = name("ns.slow.lab") + name("hostmaster.slow.lab") + struct.pack("!IIIII", 1, 1, 1, 1, 1)
            self.transport.sendto(reply(query, question, NOERROR, authority=[record("slow.lab", SOA, soa)]), peer)


async def serve(address):
    await asyncio.get_running_loop().create_datagram_endpoint(Broken, local_addr=(address, 53), family=socket.AF_INET)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
