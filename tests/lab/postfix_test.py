#!/usr/bin/env python3
"""Debian's Postfix and a pod, each writing to the other."""

import unittest

import network
import world


def setUpModule():
    global lab, ada, postfix
    lab = world.World()
    ada, postfix = lab.ada, lab.postfix


def tearDownModule():
    lab.stop()


class FromPostfix(unittest.TestCase):
    def deferred(self, reason):
        """Postfix's queue once it has tried, and failed with this."""
        def seek():
            return [entry for entry in postfix.queue() for to in entry["recipients"]
                    if reason in to.get("delay_reason", "")]
        return network.eventually(lambda: f"{reason} in Postfix's queue: {postfix.queue()}", seek)

    def caught_up(self, letters, name="alice"):
        """Postfix is told to try again, and everything arrives."""
        postfix.flush()
        try:
            copies = [len(ada.receives(name, letter["Message-ID"])) for letter in letters]
        except AssertionError as missing:
            raise AssertionError(f"{missing}\nPostfix: {postfix.queue()}\n{postfix.log()}") from missing
        network.eventually(lambda: f"an empty queue: {postfix.queue()}", lambda: not postfix.queue())
        return copies

    def test_mail_comes_by_tls_and_its_octets_are_the_same(self):
        letter = world.letter("frank@fix.lab", "alice@ada.lab", "Grüße", world.ODD_BODY)
        postfix.submit(letter, ["alice@ada.lab"])
        (received,) = ada.receives("alice", letter["Message-ID"])
        trace, rest = received[:-len(letter.as_bytes())], received[-len(letter.as_bytes()):]
        self.assertEqual(rest, letter.as_bytes())
        self.assertRegex(b" ".join(trace.split()), rb"^Return-Path: <frank@fix.lab> Delivered-To: alice@ada.lab "
                         rb"Received: from mx.fix.lab \(mx.fix.lab \[.*\]\) \(TLS1.3 .*\) by mx.ada.lab with ESMTPS id ")

    def test_eight_bits_and_a_line_of_dots_pass(self):
        letter = b"From: frank@fix.lab\r\nTo: alice@ada.lab\r\nSubject: bits\r\nMessage-ID: <bits@fix.lab>\r\n" \
            b"Date: Mon, 1 Jan 2024 00:00:00 +0000\r\n\r\n.\r\n..\r\n.x\r\n" + bytes(range(128, 256)) + b"\r\n\r\n"
        postfix.submit_octets("frank@fix.lab", ["alice@ada.lab"], letter)
        (received,) = ada.receives("alice", "<bits@fix.lab>")
        self.assertTrue(received.endswith(letter), received)

    def test_of_three_recipients_the_unknown_one_is_returned_by_postfix(self):
        letter = world.letter("frank@fix.lab", "alice@ada.lab", "three")
        postfix.submit(letter, ["alice@ada.lab", "anna@ada.lab", "nobody@ada.lab"])
        for name in ("alice", "anna"):
            self.assertEqual(len(ada.receives(name, letter["Message-ID"])), 1)
        report = postfix.returned(letter)
        self.assertIn("nobody@ada.lab", report)
        self.assertIn("550 5.1.1 no such mailbox here", report)
        self.assertNotIn("alice@ada.lab>: host", report)

    def test_what_is_too_big_is_returned_before_it_is_sent(self):
        letter = world.letter("frank@fix.lab", "alice@ada.lab", "big", "x" * 70 + "\r\n" + ("y" * 70 + "\r\n") * 50_000)
        postfix.submit(letter, ["alice@ada.lab"])
        self.assertRegex(postfix.returned(letter),
                         "<alice@ada.lab>: message size [0-9]+ exceeds size limit 3000000 of server mx.ada.lab")

    def test_who_asks_hears_from_postfix_that_the_pod_has_it(self):
        letter = world.letter("frank@fix.lab", "alice@ada.lab", "tell me")
        postfix.submit_octets("frank@fix.lab", ["alice@ada.lab"], letter.as_bytes(), ["NOTIFY=SUCCESS"])
        report = postfix.returned(letter)
        # Not "delivered": to other servers the pod promises no reports.
        self.assertIn("Final-Recipient: rfc822; alice@ada.lab", report)
        self.assertIn("Action: relayed", report)
        self.assertIn("250 2.0.0 delivered as ", report)

    def test_a_pod_that_is_down_gets_its_mail_when_it_is_back(self):
        ada.stop()
        letters = [world.letter("frank@fix.lab", "alice@ada.lab", f"while you were away {n}") for n in range(5)]
        for letter in letters:
            postfix.submit(letter, ["alice@ada.lab"])
        self.deferred("Connection refused")
        ada.start()
        self.assertEqual(self.caught_up(letters), [1] * 5)

    def test_a_pod_whose_cable_is_out_gets_its_mail_when_it_is_back(self):
        ada.host.unplug()
        try:
            letter = world.letter("frank@fix.lab", "alice@ada.lab", "cable")
            postfix.submit(letter, ["alice@ada.lab"])
            self.deferred("connect to mx.ada.lab")
        finally:
            ada.host.plug()
        self.assertEqual(self.caught_up([letter]), [1])

    def test_a_pod_killed_among_deliveries_loses_nothing(self):
        letters = [world.letter("frank@fix.lab", "alice@ada.lab", f"killed {n}", "x" * 20_000) for n in range(30)]
        for number, letter in enumerate(letters):
            postfix.submit(letter, ["alice@ada.lab"])
            if number == 15:
                ada.kill()
        ada.start()
        copies = self.caught_up(letters)
        # A message that was durable when the pod died before it could say so comes twice: SMTP knows no better.
        self.assertLessEqual(sum(copies), 30 + 20)
        self.assertLessEqual(max(copies), 2)


class ToPostfix(unittest.TestCase):
    def sent(self, to, subject, **more):
        letter = world.letter("alice@ada.lab", to, subject, **more)
        ada.submit("alice", letter, [to])
        return letter

    def refused(self, letter, *said):
        report = ada.returned("alice", letter).as_string()
        for words in said:
            self.assertIn(words, " ".join(report.split()))

    def test_mail_goes_by_tls_and_its_octets_are_the_same(self):
        letter = self.sent("frank@fix.lab", "Grüße", body=world.ODD_BODY)
        received = postfix.receives(letter["Message-ID"])
        self.assertEqual(received.get_content(), letter.get_content().replace("\r\n", "\n"))
        self.assertEqual(received["Return-Path"], "<alice@ada.lab>")
        trace = " ".join(" ".join(received.get_all("Received")).split())
        self.assertIn("from mx.ada.lab (mx.ada.lab [", trace)
        self.assertIn("using TLSv1.3", trace)
        self.assertIn("by mx.fix.lab (Postfix) with ESMTPS", trace)

    def test_many_letters_go_by_few_connections(self):
        before = postfix.log().count("connect from mx.ada.lab")
        letters = [self.sent("frank@fix.lab", f"many {n}") for n in range(40)]
        for letter in letters:
            postfix.receives(letter["Message-ID"])
        network.eventually(lambda: ada.queue(), lambda: not ada.waiting())
        self.assertLessEqual(postfix.log().count("connect from mx.ada.lab") - before, 20)
        counts = [each["Message-ID"] for each in postfix.mail()]
        self.assertEqual([counts.count(letter["Message-ID"]) for letter in letters], [1] * 40)

    def test_what_postfix_refuses_comes_back_with_its_words(self):
        self.refused(self.sent("no@fix.lab", "refused"), "Status: 5.7.1", "Remote-MTA: dns; mx.fix.lab",
                     "550 5.7.1 <no@fix.lab>: Recipient address rejected: not you")

    def test_what_is_too_big_for_postfix_comes_back(self):
        letter = world.letter("bob@bee.lab", "frank@fix.lab", "big", ("y" * 70 + "\r\n") * 70_000)
        lab.bee.submit("bob", letter, ["frank@fix.lab"])
        report = lab.bee.returned("bob", letter).as_string()
        self.assertIn("Status: 5.3.4", report)
        self.assertNotIn("y" * 70, report)  # nobody wants it back whole

    def test_who_asks_hears_that_it_has_arrived(self):
        letter = world.letter("alice@ada.lab", "frank@fix.lab", "tell me")
        ada.submit_octets("alice", letter.as_bytes(), ["frank@fix.lab"], rcpt_options=["NOTIFY=SUCCESS"])
        report = " ".join(ada.returned("alice", letter).as_string().split())
        self.assertRegex(report, "Final-Recipient: rfc822; *frank@fix.lab")
        # Postfix speaks DSN, so it is Postfix that tells.
        self.assertIn("Reporting-MTA: dns; mx.fix.lab", report)
        self.assertIn("Action: delivered", report)

    def test_who_asks_for_nothing_hears_nothing(self):
        letters = [world.letter("alice@ada.lab", to, "tell me nothing") for to in ("no@fix.lab", "frank@fix.lab")]
        others = {entry["entry"] for entry in ada.waiting()}
        for letter in letters:
            ada.submit_octets("alice", letter.as_bytes(), [letter["To"]], rcpt_options=["NOTIFY=NEVER"])
        postfix.receives(letters[1]["Message-ID"])
        network.eventually(lambda: f"an empty queue: {ada.queue()}",
                           lambda: {entry["entry"] for entry in ada.waiting()} <= others)
        later = self.sent("no@fix.lab", "and a report on this")
        self.refused(later, "550 5.7.1")
        for letter in letters:
            self.assertEqual(ada.reports("alice", letter), [])

    def test_what_postfix_puts_off_waits_with_its_words(self):
        self.sent("later@fix.lab", "put off")

        def seek():
            return [to for entry in ada.queue() for to in entry["recipients"] if "450 4.2.0" in to["last_reply"]]
        (waiting,) = network.eventually(lambda: f"put off: {ada.queue()}", seek)
        self.assertEqual(waiting["address"], "later@fix.lab")
        self.assertIn("come back later", waiting["last_reply"])

    def test_postfix_asks_back_whether_the_sender_exists(self):
        letter = self.sent("careful@fix.lab", "who are you")
        postfix.receives(letter["Message-ID"])
        self.assertRegex(postfix.log(), "to=<alice@ada.lab>, relay=mx.ada.lab.*status=deliverable")

    def test_postfix_that_is_down_gets_its_mail_when_it_is_back(self):
        postfix.stop()
        letters = [self.sent("frank@fix.lab", f"while Postfix was away {n}") for n in range(5)]
        network.eventually(lambda: f"five refused: {ada.queue()}", lambda: [
            to["last_reply"] for entry in ada.queue() for to in entry["recipients"]].count("Connection refused") == 5)
        postfix.start()
        ada.command("queue", "retry")
        for letter in letters:
            postfix.receives(letter["Message-ID"])


if __name__ == "__main__":
    unittest.main()
