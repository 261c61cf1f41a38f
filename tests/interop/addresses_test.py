#!/usr/bin/env python3
"""Aliases, sub-addresses and domains as mail programs and other servers meet them."""

import email.policy
import imaplib
import json
import smtplib
import unittest

import pod


class Addresses(pod.OnePod):
    def rcpt(self, recipient):
        with self.pod.exchange() as client:
            client.ehlo()
            client.mail("a@elsewhere.lab")
            code, text = client.rcpt(recipient)
            return code, text.split()[0]

    def send_from_outside(self, subject, recipient):
        with self.pod.exchange() as client:
            client.sendmail("a@elsewhere.lab", [recipient], pod.message(subject, to=recipient).as_bytes())

    def login(self, name, password):
        client = imaplib.IMAP4_SSL(pod.HOST, self.pod.port("IMAPS"), ssl_context=self.pod.tls, timeout=pod.PATIENCE)
        self.pod.clients.append(client)
        client.login(name, password)
        return client

    def test_an_alias_reaches_logs_in_and_sends_until_it_is_removed(self):
        password = self.pod.newcomer("dora")
        self.assertEqual(self.rcpt("dolly@pod.lab"), (550, b"5.1.1"))
        self.assertEqual(self.pod.as_maintainer("alias", "add", "dora", "Dolly").stdout, "added Dolly@pod.lab\n")
        self.send_from_outside("for dolly", "dolly@pod.lab")
        session = self.login("dolly@pod.lab", password)
        pod.wait_for(session, "INBOX", ("SUBJECT", '"for dolly"'))

        with self.pod.submission() as client:
            client.login("dolly", password)
            mail = pod.message("from dolly", to="dora+own@pod.lab", sender="dolly@pod.lab")
            client.sendmail("dolly@pod.lab", ["dora+own@pod.lab"], mail.as_bytes())
        pod.wait_for(session, "INBOX", ("SUBJECT", '"from dolly"'))

        listed = json.loads(self.pod.run("--json", "alias", "list", "dora").stdout)["aliases"]
        self.assertEqual([alias["address"] for alias in listed], ["Dolly@pod.lab"])
        self.assertIn("Dolly@pod.lab", self.pod.run("member", "list").stdout)

        self.pod.as_maintainer("alias", "remove", "dolly")
        self.assertEqual(self.rcpt("dolly@pod.lab"), (550, b"5.1.1"))
        with self.assertRaises(imaplib.IMAP4.error):
            self.login("dolly@pod.lab", password)
        with self.pod.submission() as client:
            client.login("dora@pod.lab", password)
            with self.assertRaises(smtplib.SMTPSenderRefused):
                client.sendmail("dolly@pod.lab", ["dora@pod.lab"], b"From: dolly@pod.lab\r\n\r\n.\r\n")

    def test_what_follows_the_separator_may_have_other_letters(self):
        mail = pod.message("own letters", to="bob+grüße@pod.lab")
        with self.pod.submission("alice") as client:
            client.sendmail("alice@pod.lab", ["bob+grüße@pod.lab"], mail.as_bytes(policy=email.policy.SMTPUTF8),
                            mail_options=["SMTPUTF8"])
        session = self.pod.imap("bob")
        (number,) = pod.wait_for(session, "INBOX", ("SUBJECT", '"own letters"'))
        trace = session.fetch(number, "(BODY.PEEK[HEADER])")[1][0][1].decode()
        self.assertIn("Delivered-To: bob+grüße@pod.lab", trace)
        self.assertIn("with UTF8SMTPSA", trace)

    def test_an_alias_takes_a_maintainers_signature_and_a_free_address(self):
        self.pod.newcomer("erin")
        done = self.pod.run("alias", "add", "erin", "root", "--maintainer-key", "/nonexistent", check=False)
        self.assertEqual(done.returncode, 1)
        for taken in ("alice", "postmaster", "erin@elsewhere.lab", "a b"):
            done = self.pod.as_maintainer("alias", "add", "erin", taken, check=False)
            self.assertEqual(done.returncode, 1, taken)
        self.assertEqual(self.pod.run("alias", "list", "erin").stdout, "")
        self.assertIn("nobody's alias", self.pod.as_maintainer("alias", "remove", "erin", check=False).stderr)

    def test_a_second_domain_has_its_roles_and_its_members(self):
        password = self.pod.newcomer("faye")
        self.assertEqual(self.rcpt("faye@second.lab"), (550, b"5.7.1"))
        self.assertEqual(self.pod.as_maintainer("domain", "add", "second.lab").stdout, "added second.lab\n")
        self.assertEqual(self.rcpt("faye@second.lab"), (550, b"5.1.1"))
        self.assertEqual(self.rcpt("abuse@second.lab")[0], 250)
        self.pod.as_maintainer("alias", "add", "faye", "faye@second.lab")
        self.send_from_outside("to the second", "faye@second.lab")
        pod.wait_for(self.login("faye@second.lab", password), "INBOX", ("SUBJECT", '"to the second"'))
        self.assertEqual(json.loads(self.pod.run("--json", "domain", "list").stdout)["domains"],
                         [{"domain": "pod.lab", "own": True, "used": True},
                          {"domain": "second.lab", "own": False, "used": True}])

        refused = self.pod.as_maintainer("domain", "remove", "second.lab", check=False)
        self.assertIn("remove them first", refused.stderr)
        self.pod.as_maintainer("alias", "remove", "faye@second.lab")
        self.pod.as_maintainer("domain", "remove", "second.lab")
        self.assertEqual(self.rcpt("faye@second.lab"), (550, b"5.7.1"))
        self.assertEqual(self.pod.as_maintainer("domain", "remove", "pod.lab", check=False).returncode, 1)


class Group(pod.OnePod):
    def test_a_group_reaches_its_members_and_takes_mail_from_who_may(self):
        dora, erin = self.pod.newcomer("dora"), self.pod.newcomer("erin")
        added = self.pod.as_maintainer("group", "add", "choir", "--member", "dora", "--member", "alice", "--name", "The choir")
        self.assertEqual(added.stdout, "added choir@pod.lab\n")
        self.post("dora", dora, "from a member")
        reader = self.pod.imap("alice")
        found = pod.wait_for(reader, "INBOX", ("SUBJECT", '"from a member"'))
        header = reader.fetch(found[0], "(BODY.PEEK[HEADER])")[1][0][1].decode()
        self.assertIn('List-Id: "The choir" <choir.pod.lab>', header)
        self.assertIn("Return-Path: <choir-bounces@pod.lab>", header)
        pod.wait_for(self.pod.imap("dora", dora), "INBOX", ("SUBJECT", '"from a member"'))

        with self.assertRaises(smtplib.SMTPRecipientsRefused) as refused:
            self.post("erin", erin, "from a stranger")
        code, text = refused.exception.recipients["choir@pod.lab"]
        self.assertEqual((code, text.split()[0]), (550, b"5.7.2"))
        self.pod.as_maintainer("group", "change", "choir", "--posting", "pod", "--without", "dora")
        self.post("erin", erin, "from the pod")
        pod.wait_for(reader, "INBOX", ("SUBJECT", '"from the pod"'))
        session = self.pod.imap("dora", dora)
        session.select("INBOX")
        self.assertEqual(session.search(None, "SUBJECT", '"from the pod"')[1], [b""])

        shown = json.loads(self.pod.run("--json", "group", "show", "choir").stdout)
        self.assertEqual([member["address"] for member in shown["members"]], ["alice@pod.lab"])
        self.assertEqual(shown["posting"], "pod")
        self.assertIn("choir@pod.lab  1 members, posting: pod", self.pod.run("group", "list").stdout)
        self.pod.as_maintainer("group", "remove", "choir")
        self.assertEqual(self.pod.run("group", "list").stdout, "")
        with self.assertRaises(smtplib.SMTPRecipientsRefused):
            self.post("erin", erin, "too late")

    def post(self, name, password, subject):
        with self.pod.submission(name, password) as client:
            sender = self.pod.address(name)
            client.sendmail(sender, ["choir@pod.lab"], pod.message(subject, to="choir@pod.lab", sender=sender).as_bytes())

    def test_a_group_takes_a_maintainers_signature_and_people_who_exist(self):
        done = self.pod.run("group", "add", "band", "--member", "alice", "--maintainer-key", "/nonexistent", check=False)
        self.assertEqual(done.returncode, 1)
        for arguments in (["--member", "nobody"], ["--posting", "everyone"], ["--name", "x" * 65]):
            self.assertEqual(self.pod.as_maintainer("group", "add", "band", *arguments, check=False).returncode, 1)
        self.assertEqual(self.pod.as_maintainer("group", "add", "alice", check=False).returncode, 1)
        self.assertEqual(self.pod.as_maintainer("group", "remove", "band", check=False).returncode, 1)


if __name__ == "__main__":
    unittest.main()
