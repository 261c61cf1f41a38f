#!/usr/bin/env python3
"""Debian's Postfix takes a domain's mail and hands it to the pod by LMTP, over the pod's socket."""

import os
import shutil
import unittest

import mta
import network
import postfix
import world

# What is made in it belongs to Postfix's group, and the pod opens its socket to the group.
FOLDER = world.ROOT / "lmtp"


class Gateway(postfix.Postfix):
    more = f"transport_maps = inline:{{ ada.lab=lmtp:unix:{FOLDER}/socket }}"


def setUpModule():
    global lab, ada, gateway
    mta.add_accounts([], ["postfix"])
    FOLDER.mkdir(parents=True)
    shutil.chown(FOLDER, group="postfix")
    os.chmod(FOLDER, 0o2750)
    lab = world.Pair(Gateway, {"listen.lmtp.path": f'"{FOLDER}/socket"'})
    ada, gateway = lab.ada, lab.fix


def tearDownModule():
    lab.stop()


class ByLmtp(unittest.TestCase):
    def handed_in(self, to, subject, body="A body.\r\n"):
        letter = world.letter("frank@fix.lab", to[0], subject, body)
        gateway.submit(letter, to)
        return letter

    def log_of(self, recipient, *words):
        return gateway.logs([f"to=<{recipient}>, relay=mx.fix.lab[{FOLDER}/socket]", *words])

    def test_its_octets_are_the_same(self):
        letter = self.handed_in(["alice@ada.lab"], "Grüße", world.ODD_BODY)
        (received,) = ada.receives("alice", letter["Message-ID"])
        self.assertTrue(received.endswith(letter.as_bytes()), received)
        self.assertRegex(b" ".join(received.split()), rb"^Return-Path: <frank@fix.lab> Delivered-To: alice@ada.lab "
                         rb"Received: from mx.fix.lab by mx.ada.lab with LMTP id ")

    def test_eight_bits_and_a_line_of_dots_pass(self):
        letter = b"From: frank@fix.lab\r\nTo: alice@ada.lab\r\nSubject: bits\r\nMessage-ID: <bits@fix.lab>\r\n" \
            b"Date: Mon, 1 Jan 2024 00:00:00 +0000\r\n\r\n.\r\n..\r\n" + bytes(range(128, 256)) + b"\r\n"
        gateway.submit_octets("frank@fix.lab", ["alice@ada.lab"], letter)
        (received,) = ada.receives("alice", "<bits@fix.lab>")
        self.assertTrue(received.endswith(letter), received)

    def test_each_recipient_has_an_answer_of_its_own(self):
        letter = self.handed_in(["anna@ada.lab", "nobody@ada.lab", "alice+list@ada.lab"], "three")
        for name in ("alice", "anna"):
            self.assertEqual(len(ada.receives(name, letter["Message-ID"])), 1)
        self.log_of("anna@ada.lab", "dsn=2.0.0, status=sent (250 2.0.0 ")
        self.log_of("alice+list@ada.lab", "dsn=2.0.0, status=sent (250 2.0.0 ")
        self.log_of("nobody@ada.lab", "dsn=5.1.1, status=bounced", "said: 550 5.1.1 no such mailbox here")
        report = gateway.returned(letter)
        self.assertIn("Final-Recipient: rfc822; nobody@ada.lab", report)
        self.assertNotIn("Final-Recipient: rfc822; anna@ada.lab", report)

    def test_what_is_too_big_is_returned_before_it_is_handed_over(self):
        letter = self.handed_in(["alice@ada.lab"], "big", ("y" * 70 + "\r\n") * 50_000)
        self.assertRegex(gateway.returned(letter), "message size [0-9]+ exceeds size limit 3000000 of server mx.fix.lab")

    def test_who_asks_hears_that_the_pod_has_it(self):
        letter = world.letter("frank@fix.lab", "alice@ada.lab", "tell me")
        gateway.submit_octets("frank@fix.lab", ["alice@ada.lab"], letter.as_bytes(), ["NOTIFY=SUCCESS"])
        report = gateway.returned(letter)
        self.assertIn("Final-Recipient: rfc822; alice@ada.lab", report)
        self.assertRegex(report, "Action: (relayed|delivered)")

    def test_a_pod_that_is_down_gets_its_mail_when_it_is_back(self):
        ada.stop()
        letters = [self.handed_in(["alice@ada.lab", "anna@ada.lab"], f"away {n}") for n in range(3)]
        try:
            gateway.logs(["to=<anna@ada.lab>", "status=deferred", f"connect to mx.fix.lab[{FOLDER}/socket]"])
        finally:
            ada.start()
        gateway.flush()
        for name in ("alice", "anna"):
            self.assertEqual([len(ada.receives(name, letter["Message-ID"])) for letter in letters], [1] * 3)
        network.eventually(lambda: f"an empty queue: {gateway.queue()}", lambda: not gateway.queue())


if __name__ == "__main__":
    unittest.main()
