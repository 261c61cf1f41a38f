#!/usr/bin/env python3
"""Two pods, one of which defederates: what waits comes back within a second, and nothing crosses any more. And a stranger, who is
asked to come again."""

import email
import email.policy
import json
import smtplib
import time
import unittest

import names
import pod

REASON = "They harass our members."


def text_record(text):
    return bytes([len(text)]) + text.encode()


class Federation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.names = names.Names()
        cls.addClassCleanup(cls.names.close)
        cls.here = pod.Neighbour("here.lab", "alice", "bob")
        cls.addClassCleanup(cls.here.remove)
        for domain in ("here.lab", "there.lab"):
            cls.names.mail_for(domain, f"mail.{domain}")
        cls.names.records["there.lab", names.TXT] = [text_record("v=spf1 ip4:127.0.0.1 -all")]
        # Nobody listens there: what is sent waits for an hour.
        cls.here.set("sending", port=pod.free_port_base(), loopback=True, retry_seconds=[3600])
        cls.here.set("dns", servers=[f"127.0.0.1@{cls.names.port}"], timeout_milliseconds=5000)
        cls.here.set("authentication", exempt=[])
        cls.here.set("strangers", greylisting="unproved", greylist_delay_seconds=1, lists=["list.lab 4"])
        cls.here.start()

    def queue(self):
        return json.loads(self.here.run("--json", "queue", "list").stdout)["entries"]

    def explained(self, domain):
        return json.loads(self.here.run("--json", "federation", "explain", domain).stdout)

    def wait(self, happened, what):
        began = time.monotonic()
        while not happened():
            if time.monotonic() - began > pod.PATIENCE:
                self.fail("never " + what)
            time.sleep(0.01)
        return time.monotonic() - began

    def come(self, sender, recipient="alice@here.lab", author=None, source=pod.HOST):
        """As a server that brings mail; the final answer."""
        with smtplib.SMTP(pod.HOST, self.here.port("SMTP"), timeout=pod.PATIENCE, source_address=(source, 0)) as client:
            client.ehlo("client.lab")
            client.mail(sender)
            code, text = client.rcpt(recipient)
            if code == 250:
                code, text = client.data(pod.message("hello", sender=author or sender, to=recipient).as_bytes())
            return code, text.decode()

    def read(self, name, mailbox, subject):
        client = self.here.imap(name)
        number = pod.wait_for(client, mailbox, ("SUBJECT", f'"{subject}"'))[-1]
        octets = client.fetch(number, "(BODY.PEEK[])")[1][0][1]
        client.logout()
        return email.message_from_bytes(octets, policy=email.policy.default)

    def submit(self, to):
        with self.here.submission("alice") as client:
            client.sendmail("alice@here.lab", [to], pod.message(sender="alice@here.lab", to=to).as_bytes())

    def test_what_waits_comes_back_within_a_second_and_nothing_crosses(self):
        self.submit("carol@there.lab")
        self.submit("dave@there.lab")
        self.wait(lambda: [entry["state"] for entry in self.queue()] == ["waits"] * 2, "two that wait")
        self.assertEqual(self.come("carol@there.lab")[0], 250)
        done = self.here.as_maintainer("federation", "defederate", "THERE.lab", "--reason", REASON)
        self.assertEqual(done.stdout, "defederated from there.lab\n")
        took = self.wait(lambda: self.queue() == [], "empty")
        # Two looks of the daemon at the rules, and the commands that ask here.
        self.assertLess(took, 1)
        report = self.read("alice", "INBOX", "could not be delivered")
        words = " ".join(str(report).split())
        place = "here.lab does not exchange mail with"
        self.assertIn(place, words)
        self.assertIn(REASON, words)
        self.assertIn("The rules of this pod do not allow it.", words)
        for address in ("carol@there.lab", "eve@sub.there.lab"):
            with self.assertRaises(smtplib.SMTPRecipientsRefused) as refused:
                self.submit(address)
            code, text = refused.exception.recipients[address]
            self.assertEqual(code, 550)
            self.assertIn(f"{place} {address.split('@')[1]} (charter 1, defederate of ", text.decode())
            code, text = self.come(address)
            self.assertEqual(code, 550, text)
            self.assertIn(REASON, text)
        code, text = self.come("", author="carol@there.lab")
        self.assertEqual(code, 550)
        self.assertIn(REASON, text)
        self.assertEqual(self.come("carol@there.lab", "postmaster@here.lab")[0], 450, "nobody reads it yet, but it is asked")
        self.assertEqual(self.explained("mx.there.lab")["rule"]["entry"], "there.lab")
        self.assertEqual(self.explained("mx.there.lab")["rule"]["reason"], REASON)
        self.assertFalse(self.explained("mx.there.lab")["rule"]["exchanges"])
        self.here.stop()
        self.here.start()
        self.assertEqual(self.come("carol@there.lab")[0], 550, "a restart forgets it")
        again = self.here.as_maintainer("federation", "defederate", "there.lab", "--reason", REASON, check=False)
        self.assertIn("nothing to do", again.stderr)
        self.here.as_maintainer("federation", "federate", "there.lab")
        self.assertEqual(self.come("carol@there.lab")[0], 250)
        listed = json.loads(self.here.run("--json", "federation", "list").stdout)
        self.assertEqual([(one["entry"], one["line"]) for one in listed["entries"]], [("there.lab", "federate")])

    def test_who_proves_nothing_comes_again(self):
        code, text = self.come("new@unproved.lab")
        self.assertEqual(code, 451)
        self.assertIn("try again in 1 seconds", text)
        self.wait(lambda: self.come("new@unproved.lab")[0] == 250, "let in")
        self.assertEqual(self.come("new@unproved.lab")[0], 250)
        self.here.stop()
        self.here.start()
        self.assertEqual(self.come("new@unproved.lab")[0], 250, "a restart forgets it")
        self.assertNotIn(b"unproved.lab", (self.here.path / "strangers").read_bytes())

    def test_a_list_sends_strangers_to_junk(self):
        self.names.records["listed.lab", names.TXT] = [text_record("v=spf1 ip4:127.0.0.5 -all")]
        self.names.records["5.0.0.127.list.lab", names.A] = [bytes([127, 0, 0, 2])]
        self.assertEqual(self.come("x@listed.lab", "bob@here.lab", source="127.0.0.5")[0], 250)
        letter = self.read("bob", "Junk", "hello")
        self.assertIn("is on the list list.lab.", letter["Mailpod-Reason"])

    def test_a_member_may_be_cautious(self):
        done = self.here.run("caution", "set", "bob", stdin=self.here.password("bob") + "\n")
        self.assertEqual(done.stdout, "what does not show where it comes from goes into Junk\n")
        self.assertEqual(self.come("carol@there.lab", "bob@here.lab", author="carol@forged.lab")[0], 250)
        letter = self.read("bob", "Junk", "hello")
        self.assertIn("Nothing shows that this message comes from forged.lab", str(letter["Mailpod-Reason"]).replace("\n", ""))
        done = self.here.run("--json", "caution", "clear", "bob", stdin=self.here.password("bob") + "\n")
        self.assertEqual(json.loads(done.stdout), {"caution": "none"})


if __name__ == "__main__":
    unittest.main()
