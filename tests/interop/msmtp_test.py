#!/usr/bin/env python3
"""msmtp submits, as `sendmail` does for other programs."""

import pathlib
import subprocess
import tempfile
import unittest

import pod


class Msmtp(pod.OnePod):
    def setUp(self):
        self.home = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.home.name)

    def tearDown(self):
        self.home.cleanup()

    def msmtp(self, *arguments, stdin="", port="SUBMISSION", **settings):
        rc = self.folder / "msmtprc"
        rc.touch(0o600)
        password = settings.pop("password", self.pod.password("alice"))
        lines = {"host": pod.HOST, "port": self.pod.port(port), "from": "alice@pod.lab", "auth": "on",
                 "user": "alice@pod.lab", "password": password, "tls": "on", "tls_trust_file": self.pod.path / "tls/certificate.pem",
                 "tls_starttls": "on" if port == "SUBMISSION" else "off", **settings}
        rc.write_text("account default\n" + "".join(f"{key} {value}\n" for key, value in lines.items()))
        return subprocess.run(["msmtp", "-C", rc, *arguments], input=stdin, text=True, capture_output=True,
                              timeout=pod.PATIENCE)

    def letter(self, subject, to="Bob <bob@pod.lab>", more=""):
        return f"From: alice@pod.lab\nTo: {to}\nSubject: {subject}\n{more}\nText.\n.\n..\n"

    def arrived(self, name, subject, mailbox="INBOX"):
        client = self.pod.imap(name)
        number = pod.wait_for(client, mailbox, ("SUBJECT", f'"{subject}"'))[-1]
        return client.fetch(number, "(BODY.PEEK[])")[1][0][1]

    def test_it_reads_the_recipients_from_the_message_and_drops_bcc(self):
        done = self.msmtp("-t", stdin=self.letter("msmtp -t", more="Bcc: alice@pod.lab\n"))
        self.assertEqual(done.returncode, 0, done.stderr)
        for name in ("alice", "bob"):
            received = self.arrived(name, "msmtp -t")
            self.assertNotIn(b"Bcc", received)
            self.assertTrue(received.endswith(b"\r\n\r\nText.\r\n.\r\n..\r\n"), received)

    def test_every_mechanism_and_both_kinds_of_tls(self):
        for port in ("SUBMISSION", "SUBMISSIONS"):
            for mechanism in ("plain", "login", "scram-sha-256"):
                with self.subTest(port, mechanism=mechanism):
                    subject = f"msmtp {port} {mechanism}"
                    done = self.msmtp("bob@pod.lab", stdin=self.letter(subject), port=port, auth=mechanism)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.arrived("bob", subject)

    def test_serverinfo_shows_what_the_pod_offers(self):
        done = self.msmtp("--serverinfo")
        self.assertEqual(done.returncode, 0, done.stderr)
        for offered in ("SIZE 52428800", "PIPELINING", "STARTTLS", "PLAIN", "SCRAM-SHA-256", "LOGIN", "TLS1.3"):
            self.assertIn(offered, done.stdout)

    def test_what_is_refused_reaches_the_person_as_the_pod_said_it(self):
        done = self.msmtp("bob@pod.lab", stdin=self.letter("x"), password="wrong")
        self.assertEqual(done.returncode, 77, done.stderr)  # EX_NOPERM
        self.assertIn("535 5.7.8", done.stderr)
        done = self.msmtp("nobody@pod.lab", stdin=self.letter("x"))
        self.assertEqual(done.returncode, 65, done.stderr)  # EX_DATAERR
        self.assertIn("550 5.1.1", done.stderr)
        done = self.msmtp("bob@pod.lab", stdin=self.letter("x"), tls_trust_file="system")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("certificate", done.stderr)


if __name__ == "__main__":
    unittest.main()
