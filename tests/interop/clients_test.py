#!/usr/bin/env python3
"""Ordinary clients: curl, swaks, Python's own."""

import subprocess
import unittest

import pod


def swaks(*arguments):
    return subprocess.run(["swaks", *arguments], capture_output=True, text=True, timeout=pod.PATIENCE)


class Clients(pod.OnePod):
    def swaks_as_alice(self, *arguments):
        return swaks("--server", f"{pod.HOST}:{self.pod.port('SUBMISSION')}", "--from", "alice@pod.lab",
                     "--auth-user", "alice@pod.lab", "--auth-password", self.pod.password("alice"), *arguments)

    def test_swaks_submits_with_starttls_and_plain(self):
        done = self.swaks_as_alice("--tls", "--auth", "PLAIN", "--to", "bob@pod.lab", "--header", "Subject: swaks PLAIN")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        pod.wait_for(self.pod.imap("bob"), "INBOX", ("SUBJECT", '"swaks PLAIN"'))

    def test_swaks_submits_over_tls_with_login(self):
        done = swaks("--server", f"{pod.HOST}:{self.pod.port('SUBMISSIONS')}", "--tls-on-connect", "--auth", "LOGIN",
                     "--auth-user", "alice@pod.lab", "--auth-password", self.pod.password("alice"), "--from",
                     "alice@pod.lab", "--to", "bob@pod.lab", "--header", "Subject: swaks LOGIN")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        pod.wait_for(self.pod.imap("bob"), "INBOX", ("SUBJECT", '"swaks LOGIN"'))

    def test_swaks_is_offered_no_auth_in_clear(self):
        done = self.swaks_as_alice("--auth", "PLAIN", "--to", "bob@pod.lab")
        self.assertEqual(done.returncode, 28, done.stdout)  # swaks: required auth is not offered

    def test_curl_lists_sends_and_reads(self):
        url = f"imap://{pod.HOST}:{self.pod.port('IMAP')}/"
        listed = subprocess.run(["curl", "-sS", "--ssl-reqd", "--cacert", self.pod.path / "tls/certificate.pem",
                                 "--config", "-", url], input=f'user = "bob@pod.lab:{self.pod.password("bob")}"',
                                capture_output=True, text=True, check=True, timeout=pod.PATIENCE).stdout
        for mailbox in ("INBOX", "Sent", "Drafts", "Junk", "Trash", "Archive"):
            self.assertIn(mailbox, listed)

    def test_a_message_goes_through_octet_by_octet(self):
        sent = (b"From: alice@pod.lab\r\nTo: bob@pod.lab\r\nSubject: =?utf-8?q?octets?=\r\nMessage-ID: <octets@pod.lab>\r\n"
                b"Date: Mon, 1 Jan 2024 00:00:00 +0000\r\nX-Odd:\t folded\r\n  twice\r\n\r\n"
                b".\r\n..\r\n.leading\r\n" + bytes(range(0x80, 0x100)) + b"\r\n" + b"x" * 990 + b"\r\n\r\n")
        with self.pod.submission("alice") as client:
            client.sendmail("alice@pod.lab", ["bob@pod.lab"], sent, ["BODY=8BITMIME"])
        client = self.pod.imap("bob")
        number = pod.wait_for(client, "INBOX", ("HEADER", "Message-ID", "octets@pod.lab"))[-1]
        received = client.fetch(number, "(BODY.PEEK[])")[1][0][1]
        self.assertTrue(received.endswith(sent), received)
        trace = received[: -len(sent)]
        self.assertTrue(trace.startswith(b"Return-Path: <alice@pod.lab>\r\n"), trace)
        self.assertIn(b"Delivered-To: bob@pod.lab\r\n", trace)
        self.assertEqual(trace.count(b"Received: "), 1)
        self.assertNotIn(b"127.0.0.1", trace)  # no client address is disclosed

    def test_submission_completes_a_message_and_hides_bcc(self):
        with self.pod.submission("alice") as client:
            client.sendmail("alice@pod.lab", ["bob@pod.lab", "alice@pod.lab"],
                            b"From: alice@pod.lab\r\nTo: bob@pod.lab\r\nBcc: alice@pod.lab\r\nSubject: completed\r\n\r\nx\r\n")
        client = self.pod.imap("bob")
        number = pod.wait_for(client, "INBOX", ("SUBJECT", "completed"))[-1]
        received = client.fetch(number, "(BODY.PEEK[HEADER])")[1][0][1]
        self.assertIn(b"\r\nMessage-ID: <", received)
        self.assertIn(b"\r\nDate: ", received)
        self.assertNotIn(b"Bcc", received)

    def test_mail_from_outside_arrives_and_idle_tells_of_it(self):
        client = self.pod.imap("bob")
        client.select("INBOX")
        client.send(b"i1 IDLE\r\n")
        self.assertTrue(client.readline().startswith(b"+ "))
        with self.pod.exchange() as other:
            other.sendmail("someone@elsewhere.lab", ["bob@pod.lab"],
                           pod.message("from outside", sender="someone@elsewhere.lab").as_bytes())
        line = client.readline()
        while b"EXISTS" not in line:
            self.assertNotEqual(line, b"")
            line = client.readline()
        client.send(b"DONE\r\n")

    def test_postmaster_and_abuse_reach_the_maintainer(self):
        for role in ("postmaster@pod.lab", "postmaster", "abuse@pod.lab"):
            subject = "role " + role
            with self.pod.exchange() as other:
                other.sendmail("someone@elsewhere.lab", [role], pod.message(subject, to="x@pod.lab").as_bytes())
            pod.wait_for(self.pod.imap("alice"), "INBOX", ("SUBJECT", f'"{subject}"'))


if __name__ == "__main__":
    unittest.main()
