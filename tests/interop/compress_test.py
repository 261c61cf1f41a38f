#!/usr/bin/env python3
"""COMPRESS by Python's imaplib over zlib: a client of its own, with everything it has before it."""

import imaplib
import unittest
import zlib

import pod


class Compressing:
    """Puts DEFLATE beneath a client of imaplib that is logged in."""

    def __init__(self, client):
        imaplib.Commands.setdefault("COMPRESS", ("AUTH", "SELECTED"))
        self.client, self.sent, self.received, self.ready = client, 0, 0, b""
        kind, text = client._simple_command("COMPRESS", "DEFLATE")
        assert kind == "OK", text
        self.deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
        self.inflate = zlib.decompressobj(-15)
        client.send, client.read, client.readline = self.send, self.read, self.readline

    def send(self, octets):
        octets = self.deflate.compress(octets) + self.deflate.flush(zlib.Z_SYNC_FLUSH)
        self.sent += len(octets)
        self.client.sock.sendall(octets)

    def more(self):
        octets = self.client.sock.recv(4096)
        if not octets:
            raise EOFError
        self.received += len(octets)
        self.ready += self.inflate.decompress(octets)

    def read(self, count):
        while len(self.ready) < count:
            self.more()
        octets, self.ready = self.ready[:count], self.ready[count:]
        return octets

    def readline(self):
        while b"\n" not in self.ready:
            self.more()
        return self.read(self.ready.index(b"\n") + 1)


class Compress(pod.OnePod):
    def test_a_session_goes_through_deflate(self):
        plain, client = self.pod.imap("alice"), self.pod.imap("alice")
        self.assertIn("COMPRESS=DEFLATE", client.capability()[1][0].decode())
        layer = Compressing(client)
        letter = b"Subject: large\r\n\r\n" + b"the same words again and again\r\n" * 20_000
        self.assertEqual(client.append("INBOX", None, None, letter)[0], "OK")
        self.assertLess(layer.sent, len(letter) // 20)
        count = int(client.select("INBOX")[1][0])
        kind, data = client.fetch(str(count), "(BODY.PEEK[])")
        self.assertEqual((kind, data[0][1]), ("OK", letter))
        self.assertLess(layer.received, len(letter) // 20)
        # Who did not ask for it hears the same in clear.
        self.assertEqual(int(plain.select("INBOX")[1][0]), count)
        self.assertEqual(plain.fetch(str(count), "(BODY.PEEK[])")[1][0][1], letter)
        kind, text = client._simple_command("COMPRESS", "DEFLATE")
        self.assertEqual(kind, "NO")
        self.assertIn(b"COMPRESSIONACTIVE", text[0])
        client.logout()

    def test_a_bomb_is_a_line_too_long(self):
        client = self.pod.imap("bob")
        layer = Compressing(client)
        layer.send(b"x NOOP " + b"y" * 50_000_000 + b"\r\n")
        self.assertLess(layer.sent, 100_000)
        said = b""
        try:
            while True:
                said += layer.readline()
        except (EOFError, OSError):
            pass  # closed, perhaps before all of what was said could be read
        self.assertNotIn(b" OK", said)
        self.assertEqual(self.pod.imap("bob").select("INBOX")[0], "OK")


if __name__ == "__main__":
    unittest.main()
