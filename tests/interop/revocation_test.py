#!/usr/bin/env python3
"""What becomes of open sessions when their member is suspended or their secret revoked: each ends within a second,
whatever it is doing."""

import base64
import json
import socket
import time
import unittest

import pod

WITHIN = 1.0  # seconds from the command's answer to the end of the session
SLACK = 1.0  # for a machine that is busy with other things
MEBIBYTE = 1024 * 1024


class Raw:
    """A connection under TLS whose octets the test handles itself."""

    def __init__(self, one_pod, port, receive_buffer=None):
        plain = socket.socket()
        plain.settimeout(pod.PATIENCE)
        if receive_buffer:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        plain.connect((pod.HOST, one_pod.port(port)))
        self.socket = one_pod.tls.wrap_socket(plain, server_hostname=pod.HOST)
        self.file = self.socket.makefile("rb")

    def send(self, text):
        self.socket.sendall(text.encode())

    def line(self):
        return self.file.readline().decode()

    def until(self, beginning):
        while line := self.line():
            if line.startswith(beginning):
                return line
        raise AssertionError("the connection ended before " + beginning)

    def rest(self):
        """What comes until the end, however that looks."""
        out = bytearray()
        try:
            while piece := self.file.read1(65536):
                out += piece
        except OSError:  # cut off
            pass
        return bytes(out)

    def close(self):
        self.file.close()
        self.socket.close()


class Revocation(pod.OnePod):
    count = 0

    def setUp(self):
        Revocation.count += 1
        self.name = f"member{Revocation.count}"
        self.password = self.pod.newcomer(self.name)
        self.open = []

    def tearDown(self):
        for connection in self.open:
            connection.close()

    def imap(self, **options):
        connection = Raw(self.pod, "IMAPS", **options)
        self.open.append(connection)
        connection.send(f"a LOGIN {self.name}@pod.lab {self.password}\r\n")
        connection.until("a OK")
        connection.send("b SELECT INBOX\r\n")
        connection.until("b OK")
        return connection

    def submission(self, password=None):
        connection = Raw(self.pod, "SUBMISSIONS")
        self.open.append(connection)
        connection.until("220 ")
        connection.send("EHLO laptop\r\n")
        connection.until("250 ")
        secret = base64.b64encode(f"\0{self.name}@pod.lab\0{password or self.password}".encode()).decode()
        connection.send(f"AUTH PLAIN {secret}\r\n")
        connection.until("235 ")
        return connection

    def fill(self, connection, messages, octets):
        text = ("Subject: large\r\n\r\n" + "0123456789abcdef\r\n" * (octets // 18)).encode()
        for _ in range(messages):
            connection.send(f"f APPEND INBOX {{{len(text)}+}}\r\n")
            connection.socket.sendall(text + b"\r\n")
            connection.until("f OK")
        return messages * len(text)

    def suspend(self):
        self.pod.as_maintainer("member", "suspend", self.name, "--reason", "test")
        return time.monotonic()

    def assert_soon(self, what, since):
        took = time.monotonic() - since
        print(f"{what}: {took:.3f} s ", end="", flush=True)
        self.assertLess(took, WITHIN + SLACK, what)

    def connections(self, listener):
        status = json.loads(self.pod.run("--json", "status").stdout)
        return next(one["connections"] for one in status["listeners"] if one["name"] == listener)

    def test_a_session_that_idles(self):
        connection = self.imap()
        connection.send("c IDLE\r\n")
        connection.until("+")
        since = self.suspend()
        self.assertTrue(connection.rest().startswith(b"* BYE "))
        self.assert_soon("IDLE", since)

    def test_a_connection_whose_member_has_logged_out_goes_on(self):
        """RFC 8437: it may be another member's next."""
        other = self.name + "-next"
        password = self.pod.newcomer(other)
        connection = self.imap()
        connection.send("c UNAUTHENTICATE\r\n")
        connection.until("c OK")
        sessions = json.loads(self.pod.run("--json", "sessions", "list").stdout)["sessions"]
        self.assertNotIn(f"{self.name}@pod.lab", [session.get("name") for session in sessions])
        self.suspend()
        connection.send(f"d LOGIN {other}@pod.lab {password}\r\n")
        connection.until("d OK")
        sessions = json.loads(self.pod.run("--json", "sessions", "list").stdout)["sessions"]
        self.assertIn(f"{other}@pod.lab", [session.get("name") for session in sessions])

    def test_a_fetch_of_the_whole_mailbox_for_one_who_reads_nothing(self):
        connection = self.imap(receive_buffer=4096)
        total = self.fill(connection, 12, 4 * MEBIBYTE)
        before = self.connections("imaps")
        connection.send("c FETCH 1:* BODY.PEEK[]\r\n")
        connection.until("* 1 FETCH")
        since = self.suspend()
        while self.connections("imaps") == before:
            self.assertLess(time.monotonic() - since, WITHIN + SLACK)
        self.assert_soon("FETCH, nothing read", since)
        received = connection.rest()
        self.assertLess(len(received), total)
        self.assertNotIn(b"c OK", received)
        self.assertNotIn(b"BYE", received)  # it would be taken for a part of the message

    def test_searches_in_every_text(self):
        connection = self.imap()
        self.fill(connection, 5, 4 * MEBIBYTE)
        keys = " ".join(f"BODY absent{number}" for number in range(90))
        connection.send("".join(f"c{number} SEARCH {keys}\r\n" for number in range(100)))
        since = self.suspend()
        received = connection.rest()
        self.assert_soon("SEARCH", since)
        self.assertTrue(received.endswith(b"* BYE The mail store was closed\r\n"), received)
        self.assertNotIn(b"c99 OK", received)

    def test_an_append_half_sent(self):
        connection = self.imap()
        connection.send(f"c APPEND INBOX {{{10 * MEBIBYTE}+}}\r\n" + "x" * MEBIBYTE)
        since = self.suspend()
        self.assertTrue(connection.rest().startswith(b"* BYE "))
        self.assert_soon("APPEND", since)

    def test_a_message_half_submitted(self):
        connection = self.submission()
        connection.send(f"MAIL FROM:<{self.name}@pod.lab>\r\nRCPT TO:<bob@pod.lab>\r\nDATA\r\n")
        connection.until("354 ")
        connection.send(f"From: {self.name}@pod.lab\r\nSubject: never arrives {self.name}\r\n\r\n" + "half\r\n" * 100_000)
        since = self.suspend()
        self.assertTrue(connection.rest().startswith(b"421 4.7.0 "))
        self.assert_soon("DATA", since)
        bob = self.pod.imap("bob")
        bob.select("INBOX")
        self.assertEqual(bob.search(None, "SUBJECT", f'"never arrives {self.name}"')[1], [b""])

    def test_a_submission_session_that_waits(self):
        connection = self.submission()
        since = self.suspend()
        self.assertTrue(connection.rest().startswith(b"421 4.7.0 "))
        self.assert_soon("submission, idle", since)

    def test_only_what_the_revoked_password_opened(self):
        other = self.pod.run("app-password", "add", self.name, "other", stdin=self.password + "\n").stdout.strip()
        revoked, stays = self.submission(other), self.submission()
        self.pod.run("app-password", "revoke", self.name, "other", stdin=self.password + "\n")
        since = time.monotonic()
        self.assertTrue(revoked.rest().startswith(b"421 4.7.0 "))
        self.assert_soon("app password", since)
        stays.send("NOOP\r\n")
        stays.until("250 ")


if __name__ == "__main__":
    unittest.main()
