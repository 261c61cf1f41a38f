#!/usr/bin/env python3
"""SIGTERM in the worst moment: whatever clients are at, the daemon is gone within five seconds, with status 0; those who
listen hear a goodbye, and what was acknowledged is there."""

import contextlib
import imaplib
import signal
import smtplib
import threading
import time
import unittest

import pod

WITHIN = 5.0  # seconds: a service manager waits longer, a member's patience is shorter
MEGABYTE = 1 << 20


class Stopping(unittest.TestCase):
    def setUp(self):
        self.pod = pod.Neighbour("pod.lab", "alice", "bob")
        self.addCleanup(self.pod.remove)
        for listener in ("smtp", "imaps"):
            self.pod.set(f"listen.{listener}", connections_per_address=500)
        self.pod.start()
        self.changed = threading.Condition()
        self.open = contextlib.ExitStack()
        self.addCleanup(self.open.close)

    def stop(self):
        """Its time to the end."""
        begun = time.monotonic()
        self.pod.serving.send_signal(signal.SIGTERM)
        status = self.pod.serving.wait(pod.PATIENCE)
        took = time.monotonic() - begun
        self.assertEqual(status, 0)
        self.assertLess(took, WITHIN)
        self.assertFalse((self.pod.path / "control.sock").exists())
        self.assertNotIn("abandoned", (self.pod.folder / "mailpod.log").read_text())
        return took

    def wire(self, name):
        """A connection that has been greeted, or to the TLS ports one that says nothing."""
        connection = self.open.enter_context(self.pod.connect(name))
        if name not in ("IMAPS", "SUBMISSIONS"):
            connection.recv(4096)
        return connection

    def last_words(self, connection):
        """All that still comes."""
        words = b""
        with contextlib.suppress(ConnectionResetError):
            while more := connection.recv(65536):
                words += more
        return words

    def say(self, connection, octets, until):
        connection.sendall(octets)
        heard = b""
        while until not in heard:
            more = connection.recv(4096)
            self.assertTrue(more, heard)
            heard += more

    def test_those_who_listen_hear_a_goodbye(self):
        idle = []
        for _ in range(20):
            client = self.pod.imap("alice")
            client.select("INBOX")
            self.say(client.sock, b"x IDLE\r\n", b"+ ")
            idle.append(client.sock)
        half_appended = self.pod.imap("bob").sock
        self.say(half_appended, b"x APPEND INBOX {1000000}\r\n", b"+ ")
        half_appended.sendall(b"x" * 5000)
        greeted = [self.wire("SMTP") for _ in range(10)]
        half_sent = [self.wire("SMTP") for _ in range(5)]
        for connection in half_sent:
            self.say(connection, b"EHLO elsewhere.lab\r\n", b"250 ")
            self.say(connection, b"MAIL FROM:<a@elsewhere.lab>\r\n", b"250 ")
            self.say(connection, b"RCPT TO:<alice@pod.lab>\r\n", b"250 ")
            self.say(connection, b"DATA\r\n", b"354 ")
            connection.sendall(b"Subject: half a message\r\n\r\nhalf a")
        self.stop()
        for connection in [*idle, half_appended]:
            self.assertIn(b"* BYE ", self.last_words(connection))
        for connection in [*greeted, *half_sent]:
            self.assertTrue(self.last_words(connection).startswith(b"421 "))
        self.pod.start()
        for name in ("alice", "bob"):
            self.assertEqual(self.pod.imap(name).select("INBOX"), ("OK", [b"0"]), "half a message is none")

    def test_those_who_do_not_listen_hold_nothing_up(self):
        filler = pod.message(body="x" * 70 + "\r\n").as_bytes() + (b"y" * 70 + b"\r\n") * (8 * MEGABYTE // 72)
        client = self.pod.imap("alice")
        self.assertEqual(client.append("INBOX", None, None, filler)[0], "OK")
        for _ in range(10):
            deaf = self.pod.imap("alice")
            deaf.select("INBOX")
            deaf.sock.sendall(b"x FETCH 1 BODY.PEEK[]\r\n" * 3)
            self.assertTrue(deaf.sock.recv(1000))
        for name in ("IMAPS", "SUBMISSIONS"):
            for _ in range(10):
                self.wire(name)  # in a handshake for ever
        for _ in range(10):
            runs_ahead = self.wire("SMTP")
            runs_ahead.setblocking(False)
            with contextlib.suppress(OSError):  # all buffers are full, or it was told that this is enough
                while True:
                    runs_ahead.send(b"NOOP\r\n" * 1000)
        self.stop()

    def deliver_until_told_to_go(self, number, taken):
        try:
            with self.pod.exchange() as client:
                while True:
                    token = f"{number}-{len(taken)}"
                    client.sendmail("a@elsewhere.lab", ["bob@pod.lab"], pod.message(token).as_bytes())
                    self.note(taken, token)
        except (OSError, smtplib.SMTPException):
            pass

    def append_until_told_to_go(self, number, taken):
        try:
            client = self.pod.imap("alice")
            while True:
                token = f"{number}-{len(taken)}"
                if client.append("INBOX", None, None, pod.message(token).as_bytes())[0] == "OK":
                    self.note(taken, token)
        except (OSError, imaplib.IMAP4.error):
            pass

    def test_nothing_that_was_acknowledged_is_lost(self):
        kept = {"alice": set(), "bob": set()}
        for life in range(3):
            taken = {("alice", n): [] for n in range(3)} | {("bob", n): [] for n in range(3)}
            deeds = {"alice": self.append_until_told_to_go, "bob": self.deliver_until_told_to_go}
            workers = [threading.Thread(target=deeds[name], args=(f"{life}-{number}", tokens), daemon=True)
                       for (name, number), tokens in taken.items()]
            for worker in workers:
                worker.start()
            self.await_some_of_each(taken.values())
            self.stop()
            for worker in workers:
                worker.join(pod.PATIENCE)
            for (name, _), tokens in taken.items():
                kept[name].update(tokens)
            self.pod.start()
        for name, tokens in kept.items():
            self.assertGreater(len(tokens), 10)
            subjects = self.subjects(name, tokens)
            self.assertEqual(tokens - set(subjects), set())
            self.assertEqual(len(subjects), len(set(subjects)), "nothing is there twice")

    def note(self, taken, token):
        with self.changed:
            taken.append(token)
            self.changed.notify_all()

    def await_some_of_each(self, taken):
        with self.changed:
            self.assertTrue(self.changed.wait_for(lambda: all(len(tokens) >= 3 for tokens in taken), pod.PATIENCE))

    def subjects(self, name, awaited):
        """Of all that is there once these are: what a mailbox is opened with shows bit by bit."""
        client = self.pod.imap(name)
        pod.wait_for(client, "INBOX", ("ALL",))
        deadline = time.monotonic() + pod.PATIENCE
        found = []
        while not awaited <= set(found) and time.monotonic() < deadline:
            client.noop()
            parts = client.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
            found = [part[1].decode().split(":", 1)[1].strip() for part in parts if isinstance(part, tuple)]
        return found


if __name__ == "__main__":
    unittest.main()
