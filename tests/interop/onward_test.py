#!/usr/bin/env python3
"""Mail that goes on from one pod to another: a group with members elsewhere, and members who forward."""

import email
import email.policy
import json
import unittest

import names
import pod


class Onward(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.names = names.Names()
        cls.addClassCleanup(cls.names.close)
        cls.here = pod.Neighbour("here.lab", "alice", "bob", "gina")
        cls.addClassCleanup(cls.here.remove)
        cls.there = pod.Neighbour("there.lab", "carol", "dave")
        cls.addClassCleanup(cls.there.remove)
        cls.names.mail_for("here.lab", "mail.here.lab")
        cls.names.mail_for("there.lab", "mail.there.lab")
        for one, other in ((cls.here, cls.there), (cls.there, cls.here)):
            one.set("sending", port=other.port("SMTP"), loopback=True, retry_seconds=[3600])
            one.set("dns", servers=[f"127.0.0.1@{cls.names.port}"], timeout_milliseconds=5000)
        cls.here.start()
        cls.there.start()

    def send(self, one_pod, sender, subject, *recipients):
        message = pod.message(subject, sender=one_pod.address(sender), to=", ".join(recipients))
        with one_pod.submission(sender) as client:
            self.assertEqual(client.sendmail(one_pod.address(sender), recipients, message.as_bytes()), {})

    def read(self, one_pod, name, subject):
        client = one_pod.imap(name)
        number, = pod.wait_for(client, "INBOX", ("SUBJECT", f'"{subject}"'))
        octets = client.fetch(number, "(BODY.PEEK[])")[1][0][1]
        client.logout()
        return email.message_from_bytes(octets, policy=email.policy.default)

    def forward(self, *arguments, name):
        return self.here.run("forward", *arguments, stdin=self.here.password(name) + "\n")

    def test_a_group_reaches_members_here_and_elsewhere_and_hears_them(self):
        self.here.as_maintainer("group", "add", "choir", "--member", "alice", "--member", "carol@there.lab",
                                "--member", "dave@there.lab", "--name", "The choir")
        self.send(self.here, "alice", "from alice", "choir@here.lab")
        for name in ("carol", "dave"):
            mail = self.read(self.there, name, "from alice")
            self.assertEqual(mail["From"], "alice@here.lab")
            self.assertIn("<choir.here.lab>", mail["List-Id"])
            self.assertEqual(mail["Return-Path"], "<choir-bounces@here.lab>")
            self.assertNotIn("dave" if name == "carol" else "carol", mail.as_string())
        self.send(self.there, "carol", "from carol", "choir@here.lab")
        self.assertEqual(self.read(self.here, "alice", "from carol")["From"], "carol@there.lab")
        mail = self.read(self.there, "dave", "from carol")
        self.assertEqual(mail["From"].addresses[0].addr_spec, "choir@here.lab")
        self.assertEqual(mail["From"].addresses[0].display_name, "carol via The choir")
        self.assertEqual(mail["Reply-To"].addresses[0].addr_spec, "carol@there.lab")

    def test_mail_is_forwarded_under_a_path_that_leads_back(self):
        self.assertEqual(self.forward("set", "bob", "carol@there.lab", name="bob").stdout,
                         "goes on to carol@there.lab, a copy stays here\n")
        self.send(self.there, "dave", "for bob", "bob@here.lab")
        self.assertEqual(self.read(self.here, "bob", "for bob")["Return-Path"], "<dave@there.lab>")
        mail = self.read(self.there, "carol", "for bob")
        path = str(mail["Return-Path"])
        self.assertRegex(path, r"^<SRS0=[a-z2-7]{6}=[a-z2-7]{2}=there\.lab=dave@here\.lab>$")
        with self.here.exchange() as client:
            client.sendmail("", [path[1:-1]], b"From: <mailer@there.lab>\r\nSubject: came back\r\n\r\n.\r\n")
        self.assertEqual(self.read(self.there, "dave", "came back")["Return-Path"], "<>")
        with self.here.exchange() as client:
            client.ehlo()
            client.mail("")
            self.assertEqual(client.rcpt("SRS0=aaaaaa=aa=there.lab=dave@here.lab")[0], 550)

    def test_a_member_hears_that_what_they_forward_does_not_arrive(self):
        self.forward("set", "gina", "nobody@there.lab", name="gina")
        self.send(self.there, "dave", "for gina", "gina@here.lab")
        self.read(self.here, "gina", "for gina")
        client = self.here.imap("gina")
        number, = pod.wait_for(client, "INBOX", ("HEADER", "Content-Type", "multipart/report"))
        self.assertIn(b"nobody@there.lab", client.fetch(number, "(BODY.PEEK[])")[1][0][1])

    def test_where_mail_goes_is_said_by_a_members_own_secret_alone(self):
        def show():
            return json.loads(self.here.run("--json", "forward", "show", "alice", stdin=self.here.password("alice") + "\n").stdout)
        self.assertEqual(show(), {"to": None})
        for wrong in ("guess", "", self.here.password("bob")):
            done = self.here.run("forward", "set", "alice", "x@evil.lab", stdin=wrong + "\n", check=False)
            self.assertEqual(done.returncode, 1)
        self.forward("set", "alice", "x@third.lab", "--no-copy", name="alice")
        self.assertEqual(show(), {"to": "x@third.lab", "copy": False})
        refused = self.here.run("forward", "set", "alice", "bob@here.lab", stdin=self.here.password("alice") + "\n", check=False)
        self.assertIn("alias add", refused.stderr)
        self.assertEqual(self.forward("clear", "alice", name="alice").stdout, "stays here\n")
        self.assertEqual(show(), {"to": None})


if __name__ == "__main__":
    unittest.main()
