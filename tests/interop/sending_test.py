#!/usr/bin/env python3
"""Two pods that send mail to each other, on one machine: the tests' own name server leads the one to the other."""

import email
import email.policy
import json
import signal
import socket
import time
import unittest

import names
import pod


def queue(one_pod):
    return json.loads(one_pod.run("--json", "queue", "list").stdout)["entries"]


def until(condition):
    """Asks again and again, as each answer takes a while anyway."""
    deadline = time.monotonic() + pod.PATIENCE
    while time.monotonic() < deadline:
        if value := condition():
            return value
    raise AssertionError("never: " + condition.__doc__)


class Sending(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.names = names.Names()
        cls.addClassCleanup(cls.names.close)
        cls.here = pod.Neighbour("here.lab", "alice", "bob")
        cls.addClassCleanup(cls.here.remove)
        cls.there = pod.Neighbour("there.lab", "carol")
        cls.addClassCleanup(cls.there.remove)
        cls.names.mail_for("here.lab", "mail.here.lab")
        cls.names.mail_for("there.lab", "mail.there.lab")
        for one, other in ((cls.here, cls.there), (cls.there, cls.here)):
            one.set("sending", port=other.port("SMTP"), loopback=True, retry_seconds=[3600])
            one.set("dns", servers=[f"127.0.0.1@{cls.names.port}"], timeout_milliseconds=5000)
        cls.here.start()
        cls.there.start()

    def tearDown(self):
        for entry in queue(self.here):
            self.here.run("queue", "drop", entry["entry"])
        if self.names.broken:  # a resolver remembers for some seconds that it got no answer
            self.names.broken.clear()
            self.here.stop()
            self.here.start()

    def lose(self, domain):
        """The name server fails for it from now on; a pod that starts anew has no connection left from before."""
        self.names.broken.add(domain)
        self.here.stop()
        self.here.start()

    def send(self, subject, *recipients, sender="alice", one_pod=None, **headers):
        one_pod = one_pod or self.here
        message = pod.message(subject, sender=one_pod.address(sender), to=", ".join(recipients))
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        with one_pod.submission(sender) as client:
            self.assertEqual(client.sendmail(one_pod.address(sender), recipients, message.as_bytes()), {})
        return message

    def read(self, one_pod, name, subject):
        client = one_pod.imap(name)
        number, = pod.wait_for(client, "INBOX", ("SUBJECT", f'"{subject}"'))
        octets = client.fetch(number, "(BODY.PEEK[])")[1][0][1]
        client.logout()
        return email.message_from_bytes(octets, policy=email.policy.default)

    def waiting(self, count=1):
        """The entries, once each has been tried and failed."""
        def tried():
            """an attempt that failed"""
            entries = queue(self.here)
            return entries if len(entries) == count and all(entry["state"] == "waits" for entry in entries) else None
        return until(tried)

    def empty(self):
        def nothing():
            """an empty queue"""
            return not queue(self.here)
        until(nothing)

    def test_mail_goes_both_ways_and_replies_belong_to_what_they_answer(self):
        sent = self.send("across", "carol@there.lab", "bob@here.lab")
        got = self.read(self.there, "carol", "across")
        self.assertEqual(got["Message-ID"], sent["Message-ID"])
        self.assertEqual(got.get_content().splitlines(), sent.get_content().splitlines())
        self.assertEqual(got["Return-Path"], "<alice@here.lab>")
        self.assertEqual(len(got.get_all("Received")), 2)
        self.assertIn("ESMTPS", got.get_all("Received")[0])  # STARTTLS was offered, and used
        self.assertEqual(self.read(self.here, "bob", "across")["Message-ID"], sent["Message-ID"])
        self.empty()
        self.send("Re: across", "alice@here.lab", sender="carol", one_pod=self.there, In_Reply_To=got["Message-ID"])
        self.assertEqual(self.read(self.here, "alice", "Re: across")["In-Reply-To"], sent["Message-ID"])

    def test_who_does_not_exist_there_is_reported_to_the_sender(self):
        sent = self.send("to nobody", "nobody@there.lab", "carol@there.lab")
        self.read(self.there, "carol", "to nobody")
        self.empty()
        client = self.here.imap("alice")
        number, = pod.wait_for(client, "INBOX", ("TEXT", "nobody@there.lab"))
        report = email.message_from_bytes(client.fetch(number, "(BODY.PEEK[])")[1][0][1], policy=email.policy.default)
        self.assertEqual(report["Return-Path"], "<>")
        self.assertEqual(report.get_content_type(), "multipart/report")
        status = next(part for part in report.walk() if part.get_content_type() == "message/delivery-status")
        recipient = status.get_payload()[1]
        self.assertEqual(recipient["Action"], "failed")
        self.assertEqual(recipient["Status"], "5.1.1")
        self.assertIn("nobody@there.lab", recipient["Final-Recipient"])
        self.assertIn(sent["Message-ID"], report.as_string())

    def test_a_domain_that_does_not_exist_is_reported(self):
        self.send("to nowhere", "friend@nowhere.lab")
        self.empty()
        client = self.here.imap("alice")
        pod.wait_for(client, "INBOX", ("TEXT", "friend@nowhere.lab"))

    def test_what_cannot_go_now_waits_and_goes_when_it_can(self):
        self.there.stop()
        self.send("patience", "carol@there.lab")
        entry, = self.waiting()
        self.assertEqual((entry["domains"], entry["pending"], entry["recipients"]), (["there.lab"], 1, 1))
        self.there.start()
        self.assertEqual(self.here.run("queue", "retry").stdout, "1 due now\n")
        self.read(self.there, "carol", "patience")
        self.empty()

    def test_killed_it_sends_afterwards_what_it_had_taken(self):
        self.lose("there.lab")
        self.send("survives", "carol@there.lab")
        self.waiting()
        self.here.stop(signal.SIGKILL)
        self.names.broken.clear()
        self.here.start()
        self.here.run("queue", "retry")
        self.read(self.there, "carol", "survives")
        self.empty()

    def test_an_administrator_holds_routes_releases_and_gives_back(self):
        self.lose("there.lab")
        self.send("administered", "carol@there.lab")
        entry = self.waiting()[0]["entry"]
        shown = json.loads(self.here.run("--json", "queue", "show", entry).stdout)
        self.assertEqual((shown["reverse_path"], shown["route"], shown["held"]), ("alice@here.lab", "", False))
        self.assertEqual([(one["address"], one["state"], one["attempts"]) for one in shown["recipients"]],
                         [("carol@there.lab", "pending", 1)])
        self.assertTrue(shown["recipients"][0]["last_reply"])

        self.here.run("queue", "hold", entry)
        self.assertEqual(queue(self.here)[0]["state"], "held")
        self.assertIn("is held", self.here.run("queue", "retry", entry, check=False).stderr)
        self.assertEqual(self.here.run("queue", "retry").stdout, "0 due now\n")
        refused = self.here.run("queue", "route", entry, "no host", check=False)
        self.assertEqual(refused.returncode, 1)
        self.here.run("queue", "route", entry, f"[127.0.0.1]:{self.there.port('SMTP')}")
        self.assertEqual(queue(self.here)[0]["state"], "held")
        self.assertIn("route     [127.0.0.1]", self.here.run("queue", "show", entry).stdout)
        self.here.run("queue", "release", entry)
        self.read(self.there, "carol", "administered")
        self.empty()

        self.send("given back", "carol@there.lab")
        self.here.run("queue", "drop", "--report", self.waiting()[0]["entry"])
        self.empty()
        client = self.here.imap("alice")
        number, = pod.wait_for(client, "INBOX", ("TEXT", "withdrawn"))
        self.assertIn(b"Subject: given back", client.fetch(number, "(BODY.PEEK[])")[1][0][1])
        self.send("dropped", "carol@there.lab")
        self.here.run("queue", "drop", self.waiting()[0]["entry"])
        self.assertEqual(queue(self.here), [])
        self.assertEqual(self.here.run("queue", "show", entry, check=False).returncode, 1)

    def test_to_whom_mail_is_suppressed_nothing_goes_until_it_is_taken_back(self):
        answer = self.here.run("queue", "suppress", "THERE.lab", "--hours", "24", "--reason", "they asked us to").stdout
        self.assertRegex(answer, r"^nothing is sent to there\.lab until \d{4}-.*Z\n$")
        self.send("kept back", "carol@there.lab", "bob@here.lab")
        self.read(self.here, "bob", "kept back")

        def kept():
            """an entry that was due, and stays"""
            entries = queue(self.here)
            shown = [json.loads(self.here.run("--json", "queue", "show", one["entry"]).stdout) for one in entries]
            return shown if shown and shown[0]["recipients"][0]["attempts"] else None
        shown, = until(kept)
        self.assertEqual((shown["state"], shown["recipients"][0]["suppressed"]), ("suppressed", True))
        self.assertIn("451 4.7.0", shown["recipients"][0]["last_reply"])
        self.assertIn("is suppressed", self.here.run("queue", "retry", shown["entry"], check=False).stderr)
        self.assertRegex(self.here.run("queue", "list").stdout, r"  suppressed  .*  there\.lab\n$")
        self.assertIn("<carol@there.lab>  suppressed, tried", self.here.run("queue", "show", shown["entry"]).stdout)

        self.here.stop(signal.SIGKILL)
        self.here.start()
        self.assertEqual(queue(self.here)[0]["state"], "suppressed")
        self.assertRegex(self.here.run("queue", "suppressed").stdout,
                         r"^there\.lab  since .*Z  until .*Z  they asked us to\n$")
        self.assertEqual(self.here.run("queue", "unsuppress", "there.lab").stdout, "1 due now\n")
        self.read(self.there, "carol", "kept back")
        self.empty()
        self.assertEqual(json.loads(self.here.run("--json", "queue", "suppressed").stdout), {"suppressed": []})
        for wrong in (["bob"], ["there.lab", "--hours", "0"], ["there.lab", "--reason", "x" * 201]):
            self.assertEqual(self.here.run("queue", "suppress", *wrong, check=False).returncode, 1, wrong)
        self.assertIn("not suppressed", self.here.run("queue", "unsuppress", "there.lab", check=False).stderr)

    def test_without_a_daemon_the_queue_is_administered_all_the_same(self):
        self.lose("there.lab")
        self.send("offline", "carol@there.lab")
        entry = self.waiting()[0]["entry"]
        self.here.stop()
        self.here.run("queue", "hold", entry)
        self.here.start()
        self.names.broken.clear()
        self.assertEqual(queue(self.here)[0]["state"], "held")
        self.here.stop()
        self.here.run("queue", "release", entry)
        self.here.start()
        self.read(self.there, "carol", "offline")
        self.empty()

    def test_status_says_what_is_sent(self):
        self.send("counted", "carol@there.lab")
        self.read(self.there, "carol", "counted")
        self.empty()
        sending = json.loads(self.here.run("--json", "status").stdout)["sending"]
        self.assertGreaterEqual(sending["delivered"], 1)
        self.assertEqual(sending["waiting"], 0)
        self.assertIn("sending      0 waiting", self.here.run("status").stdout)

    def test_it_stops_in_time_while_a_server_does_not_answer(self):
        silent = socket.create_server(("127.0.0.1", 0))
        self.lose("there.lab")
        self.send("stuck", "carol@there.lab")
        entry = self.waiting()[0]["entry"]
        self.here.run("queue", "route", entry, f"[127.0.0.1]:{silent.getsockname()[1]}")
        connection, _ = silent.accept()
        self.here.serving.send_signal(signal.SIGTERM)
        self.here.serving.wait(5)
        connection.close()
        silent.close()
        self.here.start()
        self.assertEqual(len(queue(self.here)), 1)


class NotSending(unittest.TestCase):
    def test_a_pod_that_does_not_send_says_so(self):
        one = pod.Neighbour("quiet.lab", "alice")
        self.addCleanup(one.remove)
        one.set("sending", enabled=False)
        one.start()
        with one.submission("alice") as client:
            client.ehlo()
            client.mail("alice@quiet.lab")
            self.assertEqual(client.rcpt("friend@elsewhere.lab")[0], 451)
        self.assertIsNone(json.loads(one.run("--json", "status").stdout)["sending"])


if __name__ == "__main__":
    unittest.main()
