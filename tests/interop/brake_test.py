#!/usr/bin/env python3
"""A member's password is stolen: what is sent with it is held, the maintainer hears of it, and an administrator lets it go or throws it away."""

import email
import email.policy
import json
import time
import unittest

import names
import pod


class Brake(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.names = names.Names()
        cls.addClassCleanup(cls.names.close)
        cls.here = pod.Neighbour("here.lab", "alice")
        cls.addClassCleanup(cls.here.remove)
        code = cls.here.as_maintainer("member", "admit", "keeper", "--maintainer", "keeper").stdout
        cls.here.passwords["keeper"] = cls.here.run("enrol", "--app", "test", stdin=code).stdout.split("\t")[1].strip()
        cls.there = pod.Neighbour("there.lab", "carol")
        cls.addClassCleanup(cls.there.remove)
        cls.names.mail_for("here.lab", "mail.here.lab")
        cls.names.mail_for("there.lab", "mail.there.lab")
        cls.here.set("sending", port=cls.there.port("SMTP"), loopback=True, retry_seconds=[3600])
        cls.here.set("dns", servers=[f"127.0.0.1@{cls.names.port}"], timeout_milliseconds=5000)
        cls.here.set("guard", remote_recipients_of_member=3, remote_recipients_of_member_an_hour=1, refused_recipients_of_member=2,
                     refused_recipients_of_member_an_hour=1)
        cls.there.start()

    def setUp(self):
        self.here.start()  # counts begin anew

    def tearDown(self):
        for entry in self.queue():
            self.here.run("queue", "drop", entry["entry"])
        self.here.stop()

    def queue(self):
        return json.loads(self.here.run("--json", "queue", "list").stdout)["entries"]

    def send(self, subject, *recipients):
        message = pod.message(subject, sender="alice@here.lab", to=recipients[0])
        with self.here.submission("alice") as client:
            self.assertEqual(client.sendmail("alice@here.lab", recipients, message.as_bytes()), {})

    def await_letter(self, one_pod, name, subject):
        client = one_pod.imap(name)
        number, = pod.wait_for(client, "INBOX", ("SUBJECT", f'"{subject}"'))
        letter = email.message_from_bytes(client.fetch(number, "(BODY.PEEK[])")[1][0][1], policy=email.policy.default)
        client.store(number, "+FLAGS", "\\Deleted")
        client.expunge()
        client.logout()
        return letter

    def await_held(self, count):
        deadline = time.monotonic() + pod.PATIENCE
        while time.monotonic() < deadline:
            entries = self.queue()
            if len(entries) == count and all(entry.get("held_by") == "brake" for entry in entries):
                return
        self.fail(f"never {count} held: {entries}")

    def notes(self):
        findings = json.loads(self.here.run("--json", "check", check=False).stdout)["findings"]
        return [finding["what"] for finding in findings if finding["finding"] == "NOTE" and "brake" in finding["what"]]

    def test_mail_in_masses_is_held_until_an_administrator_releases_it(self):
        self.send("usual", "carol@there.lab", "a@there.lab", "b@there.lab")
        self.await_letter(self.there, "carol", "usual")
        self.assertEqual(self.notes(), [])
        self.send("in masses", "carol@there.lab", "c@there.lab")
        self.send("even more", "carol@there.lab")
        self.await_held(2)
        letter = self.await_letter(self.here, "keeper", "Mail that alice@here.lab sends is held")
        self.assertIn("mailpod queue release --member alice@here.lab", letter.get_content())
        self.assertEqual(self.notes(), ["mail that alice@here.lab sends is held by the brake"])
        self.assertIn("mail that alice@here.lab sends is held by the brake", self.here.run("status").stdout)
        self.assertEqual(self.here.run("queue", "list").stdout.count("  braked  "), 2)
        self.here.stop()
        self.here.start()
        self.send("after a restart", "carol@there.lab")
        self.await_held(3)
        answer = self.here.run("queue", "release", "--member", "alice").stdout
        self.assertEqual(answer, "3 entries released; what alice sends is held no longer\n")
        for subject in ("in masses", "even more", "after a restart"):
            self.await_letter(self.there, "carol", subject)
        self.send("as before", "carol@there.lab")
        self.await_letter(self.there, "carol", "as before")
        self.assertEqual(self.notes(), [])

    def test_many_refused_recipients_hold_what_follows_and_it_can_be_given_back(self):
        self.send("to nobody", "x@there.lab", "y@there.lab", "z@there.lab")
        self.await_letter(self.here, "keeper", "Mail that alice@here.lab sends is held")
        self.send("what follows", "carol@there.lab")
        self.await_held(1)
        refused = self.here.run("queue", "release", check=False)
        self.assertNotEqual(refused.returncode, 0)
        answer = self.here.run("queue", "drop", "--report", "--member", "alice@here.lab").stdout
        self.assertEqual(answer, "1 entry given back to its sender; what alice@here.lab sends is held no longer\n")
        client = self.here.imap("alice")
        pod.wait_for(client, "INBOX", ("TEXT", "withdrawn"))
        client.logout()


if __name__ == "__main__":
    unittest.main()
