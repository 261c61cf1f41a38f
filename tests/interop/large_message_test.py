#!/usr/bin/env python3
"""A message of 50 MB, the largest that the charter of a new pod allows, goes in and out through little memory: delivered,
appended, fetched, it never lies in the process as a whole. Half-way, while the other side waits, root looks how much of it
does: at most 256 KiB of plaintext for a connection, those on their way in blocks and records of TLS included; the process as a
whole grows by a few MiB, whatever the size.

Seen to fail: with [messages] memory_octets above the message's size, and with [imap] read_slice_octets of 256 KiB.
"""

import os
import pathlib
import re
import socket
import sys
import time
import unittest

import memory
import pod

SIZE = 50 * 1024 * 1024 - 64 * 1024
PLAIN = 256 * 1024        # octets of a message in memory, for a connection, buffers of TLS included
GROWTH = 4 * 1024 * 1024  # octets, of the process as a whole, an opened vault and the allocator's habits included
WORD = b"canarylineofalargemessage"
LINE = WORD + b" %08d\r\n"
LENGTH = len(LINE % 0)
HEADER = b"From: someone@elsewhere.lab\r\nTo: bob@pod.lab\r\nSubject: large\r\nMessage-ID: <large@elsewhere.lab>\r\n\r\n"
LINES_A_BLOCK = 4000


def blocks(first, last):
    """The lines from `first` on, to before `last`."""
    for begin in range(first, last, LINES_A_BLOCK):
        yield b"".join(LINE % number for number in range(begin, min(last, begin + LINES_A_BLOCK)))


class LargeMessage(unittest.TestCase):
    def setUp(self):
        self.assertEqual(os.geteuid(), 0, "only root may look into the daemon's memory: run this test as root")
        self.pod = pod.Neighbour("pod.lab", "bob")
        self.addCleanup(self.pod.remove)
        self.pod.set("vaults", linger_seconds=0)
        self.pod.start()
        self.process = self.pod.serving.pid
        self.lines = (SIZE - len(HEADER)) // LENGTH
        self.size = len(HEADER) + self.lines * LENGTH
        # What a first message makes the process load and keep.
        with self.pod.exchange() as other:
            other.send_message(pod.message("first", sender="someone@elsewhere.lab"))
        client = self.pod.imap("bob")
        pod.wait_for(client, "INBOX", ("SUBJECT", "first"))
        client.logout()

    # What is measured ------------------------------------------------------------------------------------------------

    def begin(self):
        """From now on counts the most that the process takes."""
        pathlib.Path(f"/proc/{self.process}/clear_refs").write_text("5")
        self.before = self.status("VmRSS")

    def status(self, name):
        text = pathlib.Path(f"/proc/{self.process}/status").read_text()
        return int(re.search(rf"^{name}:\s+(\d+) kB", text, re.M).group(1)) * 1024

    def cpu_time(self):
        """Nanoseconds that the daemon's threads have used."""
        return sum(int(task.joinpath("schedstat").read_text().split()[0]) for task in pathlib.Path(f"/proc/{self.process}/task").iterdir())

    def wait_until_at_rest(self):
        """The daemon has taken all it takes: what it does for the other side has come to a stop, and no more than its own looks at the
        clock, some microseconds each, uses CPU time."""
        looking = 500_000
        deadline, still, before = time.monotonic() + pod.PATIENCE, 0, 0
        while still < 5:
            self.assertLess(time.monotonic(), deadline, "the daemon never rests")
            used = self.cpu_time()
            still = still + 1 if used - before < looking else 0
            before = used
            time.sleep(0.05)

    def look(self, what):
        """In the middle of it: how much of the message lies in memory. Growth counts anew from here."""
        self.wait_until_at_rest()
        self.end(f"{what}, first half")  # looking touches pages that the daemon never did
        held = LENGTH * sum(octets.count(WORD) for octets in memory.Memory(self.process).everything())
        print(f"{what}: {held / 1024:.0f} KiB of plaintext half-way", file=sys.stderr)
        self.assertGreater(held, 0, "not a line was found, so nothing was measured")
        self.assertLessEqual(held, PLAIN)
        self.begin()

    def end(self, what):
        growth = self.status("VmHWM") - self.before
        print(f"{what}: the process grew by {growth / 1024:.0f} KiB at most", file=sys.stderr)
        self.assertLess(growth, GROWTH, what)

    # The ways in and out ---------------------------------------------------------------------------------------------

    def deliver(self):
        with self.pod.exchange() as other:
            other.starttls(context=self.pod.tls)
            other.ehlo()
            other.mail("someone@elsewhere.lab")
            other.rcpt("bob@pod.lab")
            self.assertEqual(other.docmd("DATA")[0], 354)
            other.sock.sendall(HEADER)
            self.send_lines(other.sock, "delivery")
            other.sock.sendall(b".\r\n")
            other.sock.settimeout(300)
            self.assertEqual(other.getreply()[0], 250)

    def send_lines(self, connection, what):
        for block in blocks(0, self.lines // 2):
            connection.sendall(block)
        self.look(what)
        for block in blocks(self.lines // 2, self.lines):
            connection.sendall(block)

    def session(self):
        raw = socket.create_connection((pod.HOST, self.pod.port("IMAPS")), timeout=300)
        connection = self.pod.tls.wrap_socket(raw, server_hostname="127.0.0.1")
        reader = connection.makefile("rb")
        reader.readline()
        self.command(connection, reader, f"LOGIN bob@pod.lab {self.pod.password('bob')}")
        self.command(connection, reader, "SELECT INBOX")
        return connection, reader

    def command(self, connection, reader, text):
        connection.sendall(f"a {text}\r\n".encode())
        return self.answer(reader)

    def answer(self, reader):
        while not (line := reader.readline()).startswith(b"a "):
            if not line:
                raise AssertionError("closed")
        self.assertTrue(line.startswith(b"a OK"), line)

    def append(self):
        connection, reader = self.session()
        connection.sendall(f"a APPEND INBOX {{{self.size}}}\r\n".encode())
        self.assertTrue(reader.readline().startswith(b"+"))
        connection.sendall(HEADER)
        self.send_lines(connection, "APPEND")
        connection.sendall(b"\r\n")
        self.answer(reader)
        connection.close()

    def fetch(self, number):
        connection, reader = self.session()
        connection.sendall(f"a FETCH {number} BODY.PEEK[TEXT]\r\n".encode())
        line = reader.readline()
        size = int(re.search(rb"\{(\d+)\}\r\n$", line).group(1))
        self.assertEqual(size, self.lines * LENGTH)
        for number in range(self.lines):
            if number == self.lines // 2:
                self.look("FETCH")
            if reader.read(LENGTH) != LINE % number:
                raise AssertionError(f"line {number} is another")
        self.answer(reader)
        connection.close()

    def test_of_a_large_message_little_is_in_memory(self):
        for what, go in (("delivery", self.deliver), ("APPEND", self.append), ("FETCH", lambda: self.fetch(2)),
                         ("FETCH of what was appended", lambda: self.fetch(3))):
            self.begin()
            begun = time.monotonic()
            go()
            self.end(f"{what} of {self.size} octets in {time.monotonic() - begun:.1f} s")


if __name__ == "__main__":
    unittest.main()
