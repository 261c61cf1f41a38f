#!/usr/bin/env python3
"""Whoever fails to log in learns nothing about the name they used: not from the words, and not from the time.

Two hundred logins of each kind, one kind after the other and round again, so that whatever else the machine does meets
all of them alike. What is measured is mostly the way to the daemon and back; the kinds were 0.01 ms apart when this was
written, and a millisecond is what is held."""

import base64
import os
import statistics
import time
import unittest

import pod
import scram_test

ROUNDS = 200
TRIES = 8  # of one connection
WRONG = "mp-00000-00000-00000-00000-000000"


class Door:
    """IMAP connections of one kind of stranger."""

    def __init__(self, where, name, secret=WRONG):
        self.where, self.name, self.secret = where, name, secret
        self.client, self.tries = None, TRIES
        self.times, self.words = [], set()

    def connection(self):
        if self.tries >= TRIES:
            if self.client:
                self.client.shutdown()
            self.client, self.tries = self.where.imap(), 0
        self.tries += 1
        return self.client

    def note(self, began, line):
        self.times.append(time.perf_counter() - began)
        self.words.add(line.split(b" ", 1)[1])

    def plain(self):
        client = self.connection()
        claim = base64.b64encode(f"\0{self.name}\0{self.secret}".encode())
        began = time.perf_counter()
        client.send(b"t AUTHENTICATE PLAIN " + claim + b"\r\n")
        self.note(began, client.readline())

    def scram(self):
        client = self.connection()
        stranger = scram_test.Client(self.name, WRONG)
        first = base64.b64encode(stranger.first())
        began = time.perf_counter()
        client.send(b"t AUTHENTICATE SCRAM-SHA-256 " + first + b"\r\n")
        challenge = client.readline()
        waited = time.perf_counter() - began
        # Any 32 octets are a wrong proof, and cost this program no PBKDF2.
        server = base64.b64decode(challenge[2:])
        nonce = server.split(b",")[0]
        final = base64.b64encode(b"c=biws," + nonce + b",p=" + base64.b64encode(os.urandom(32)))
        began = time.perf_counter() - waited
        client.send(final + b"\r\n")
        self.note(began, client.readline())
        self.words.add(server.split(b",")[2])  # i=


class Enumeration(pod.OnePod):
    def strangers(self):
        self.pod.newcomer("carol")
        self.pod.as_maintainer("member", "suspend", "carol", "--reason", "test")
        self.pod.as_maintainer("member", "admit", "ivan")
        # What a printer may do is send: here its secret, though right, is as good as a wrong one.
        dora = self.pod.newcomer("dora")
        printer = self.pod.run("app-password", "add", "dora", "printer", "--send-only", stdin=dora + "\n").stdout.strip()
        doors = {kind: Door(self.pod, name) for kind, name in (
            ("exists", "alice@pod.lab"), ("nobody", "nobody@pod.lab"), ("suspended", "carol@pod.lab"),
            ("invited", "ivan@pod.lab"), ("elsewhere", "alice@elsewhere.lab"))}
        return {**doors, "sends only": Door(self.pod, "dora@pod.lab", printer)}

    def test_neither_words_nor_time_tell_who_has_an_account(self):
        doors = self.strangers()
        for how in ("plain", "scram"):
            for door in doors.values():
                door.times.clear(), door.words.clear()
            for _ in range(ROUNDS):
                for door in doors.values():
                    getattr(door, how)()
            words = {kind: door.words for kind, door in doors.items()}
            self.assertEqual(len({frozenset(said) for said in words.values()}), 1, words)
            medians = {kind: statistics.median(door.times) * 1000 for kind, door in doors.items()}
            print(how, ", ".join(f"{kind} {time:.3f} ms" for kind, time in medians.items()))
            self.assertLess(max(medians.values()) - min(medians.values()), 1, medians)


if __name__ == "__main__":
    unittest.main()
