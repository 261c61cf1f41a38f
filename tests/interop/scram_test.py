#!/usr/bin/env python3
"""SCRAM by GNU SASL's own client, and by one written here from RFC 5802, against IMAP and submission."""

import base64
import hashlib
import hmac
import imaplib
import os
import subprocess
import unittest

import pod


def digest(key, octets):
    return hmac.new(key, octets, hashlib.sha256).digest()


class Client:
    """The client's side, message by message."""

    def __init__(self, name, password, flag="n", binding=b""):
        self.password, self.header, self.binding = password, f"{flag},,", binding
        self.nonce = base64.b64encode(os.urandom(18)).decode()
        self.bare = f"n={name.replace('=', '=3D').replace(',', '=2C')},r={self.nonce}"
        self.signature = None

    def first(self):
        return (self.header + self.bare).encode()

    def final(self, server_first):
        given = dict(part.split("=", 1) for part in server_first.decode().split(","))
        assert given["r"].startswith(self.nonce) and len(given["r"]) > len(self.nonce)
        self.salt, self.iterations = given["s"], int(given["i"])
        salted = hashlib.pbkdf2_hmac("sha256", self.password.encode(), base64.b64decode(self.salt), self.iterations)
        client_key = digest(salted, b"Client Key")
        without = f"c={base64.b64encode(self.header.encode() + self.binding).decode()},r={given['r']}"
        signed = f"{self.bare},{server_first.decode()},{without}".encode()
        proof = bytes(a ^ b for a, b in zip(client_key, digest(hashlib.sha256(client_key).digest(), signed)))
        self.signature = b"v=" + base64.b64encode(digest(digest(salted, b"Server Key"), signed))
        return f"{without},p={base64.b64encode(proof).decode()}".encode()

    def answer(self, challenge):
        """For imaplib and smtplib: what is said to each challenge."""
        if not challenge:
            return self.first()
        if challenge.startswith(b"r="):
            return self.final(challenge)
        assert challenge == self.signature, "the server does not know the password"
        return b""


class Scram(pod.OnePod):
    def gsasl(self, protocol, mechanism, password=None, *more, name="alice@pod.lab"):
        port = self.pod.port("IMAP" if protocol == "imap" else "SUBMISSION")
        command = ["gsasl", "--verbose", f"--{protocol}", f"--connect={pod.HOST}:{port}", "--mechanism", mechanism,
                   "--authentication-id", name, "--password", password or self.pod.password("alice"),
                   "--x509-ca-file=" + str(self.pod.path / "tls/certificate.pem"), *more]
        return subprocess.run(command, input="", capture_output=True, text=True, timeout=pod.PATIENCE)

    def test_gnu_sasl_logs_in_with_and_without_binding(self):
        for protocol in ("imap", "smtp"):
            for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"):
                with self.subTest(protocol, mechanism=mechanism):
                    # Without -PLUS it says `y` unless told that it cannot bind, and is right to be refused then.
                    more = [] if mechanism.endswith("PLUS") else ["--no-cb"]
                    done = self.gsasl(protocol, mechanism, None, *more)
                    self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                    self.assertIn("authenticat", (done.stdout + done.stderr).lower())

    def test_gnu_sasl_is_refused_with_a_wrong_password(self):
        for protocol in ("imap", "smtp"):
            done = self.gsasl(protocol, "SCRAM-SHA-256-PLUS", "mp-00000-00000-00000-00000-000000")
            self.assertNotEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_two_devices_log_in_by_passwords_of_their_own(self):
        made = self.pod.run("app-password", "add", "alice", "laptop", stdin=self.pod.password("alice") + "\n").stdout
        laptop = made.split("\t")[-1].strip()
        for password in (self.pod.password("alice"), laptop):
            client = self.pod.imap()
            scram = Client("alice@pod.lab", password)
            self.assertEqual(client.authenticate("SCRAM-SHA-256", scram.answer)[0], "OK")
            self.assertEqual(client.select("INBOX")[0], "OK")
            submission = self.pod.submission()
            submission.ehlo()
            scram = Client("alice", password)
            code, _ = submission.auth("SCRAM-SHA-256", lambda challenge=None: scram.answer(challenge or b"").decode())
            self.assertEqual(code, 235)
            submission.quit()

    def bound(self, client):
        certificate = client.sock.getpeercert(binary_form=True)
        return hashlib.sha256(certificate).digest()

    def test_the_certificate_that_was_shown_binds(self):
        client = self.pod.imap()
        self.assertIn("AUTH=SCRAM-SHA-256-PLUS", client.capabilities)
        scram = Client("alice", self.pod.password("alice"), "p=tls-server-end-point", self.bound(client))
        self.assertEqual(client.authenticate("SCRAM-SHA-256-PLUS", scram.answer)[0], "OK")

    def test_who_stands_between_is_noticed(self):
        client = self.pod.imap()
        other = hashlib.sha256(b"another certificate").digest()
        for mechanism, scram, word in (
                ("SCRAM-SHA-256-PLUS", Client("alice", self.pod.password("alice"), "p=tls-server-end-point", other),
                 "channel-bindings-dont-match"),
                ("SCRAM-SHA-256", Client("alice", self.pod.password("alice"), "y"), "server-does-support-channel-binding")):
            with self.assertRaisesRegex(imaplib.IMAP4.error, word):
                client.authenticate(mechanism, scram.answer)

    def test_a_salt_tells_nobody_who_has_an_account(self):
        def given(name):
            client = self.pod.imap()
            scram = Client(name, "mp-00000-00000-00000-00000-000000")
            with self.assertRaisesRegex(imaplib.IMAP4.error, r"\[AUTHENTICATIONFAILED\] Authentication failed$"):
                client.authenticate("SCRAM-SHA-256", scram.answer)
            return len(scram.salt), scram.iterations, scram.salt
        alice, nobody = given("alice"), given("nobody")
        self.assertEqual(alice[:2], nobody[:2])
        self.assertEqual(alice, given("alice@pod.lab"))
        self.assertEqual(nobody, given("nobody@pod.lab"))


if __name__ == "__main__":
    unittest.main()
