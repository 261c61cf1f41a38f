"""What a pod and another MTA must be able to write to each other, whoever made it. exim_test.py and opensmtpd_test.py
derive from these, say how their MTA words it, and set `lab` to a world.Pair."""

import network
import world

BITS = b"From: %s\r\nTo: %s\r\nSubject: bits\r\nMessage-ID: <bits@%s>\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\n\r\n" \
    b".\r\n..\r\n.x\r\n" + bytes(range(128, 256)) + b"\r\n\r\n"


class ToThePod:
    """A mixin of a TestCase. `put_off`: what stands in the log's line on a letter that had to wait; `too_big`: in the
    report on what was too big."""
    lab, put_off, too_big = None, None, None

    def sent(self, to, subject, body="A body.\r\n"):
        letter = world.letter("frank@fix.lab", to[0], subject, body)
        self.lab.fix.submit(letter, to)
        return letter

    def test_mail_comes_by_tls_and_its_octets_are_the_same(self):
        letter = self.sent(["alice@ada.lab"], "Grüße", world.ODD_BODY)
        (received,) = self.lab.ada.receives("alice", letter["Message-ID"])
        self.assertTrue(received.endswith(letter.as_bytes()), received)
        trace = b" ".join(received[:-len(letter.as_bytes())].split())
        self.assertRegex(trace, rb"^Return-Path: <frank@fix.lab> Delivered-To: alice@ada.lab "
                         rb"Received: from mx.fix.lab \(mx.fix.lab \[.*\]\) \(TLS1.3 .*\) by mx.ada.lab with ESMTPS id ")

    def test_eight_bits_and_lines_of_dots_pass(self):
        letter = BITS % (b"frank@fix.lab", b"alice@ada.lab", b"fix.lab")
        self.lab.fix.submit_octets("frank@fix.lab", ["alice@ada.lab"], letter)
        (received,) = self.lab.ada.receives("alice", "<bits@fix.lab>")
        self.assertTrue(received.endswith(letter), received)

    def test_of_three_recipients_the_unknown_one_is_returned_in_our_words(self):
        letter = self.sent(["alice@ada.lab", "anna@ada.lab", "nobody@ada.lab"], "three")
        for name in ("alice", "anna"):
            self.assertEqual(len(self.lab.ada.receives(name, letter["Message-ID"])), 1)
        report = self.lab.fix.returned(letter)
        self.assertIn("nobody@ada.lab", report)
        self.assertIn("550 5.1.1 no such mailbox here", report)
        self.assertNotIn("rfc822; anna@ada.lab", report)

    def test_what_is_too_big_for_the_pod_is_returned(self):
        letter = self.sent(["alice@ada.lab"], "big", ("y" * 70 + "\r\n") * 50_000)
        self.assertIn(self.too_big, self.lab.fix.returned(letter))

    def test_a_pod_that_is_down_gets_its_mail_when_it_is_back(self):
        self.lab.ada.stop()
        letters = [self.sent(["alice@ada.lab"], f"while you were away {n}") for n in range(5)]
        self.lab.fix.logs(["alice@ada.lab", self.put_off], times=5)
        self.lab.ada.start()
        self.lab.fix.flush()
        self.assertEqual([len(self.lab.ada.receives("alice", letter["Message-ID"])) for letter in letters], [1] * 5)


class FromThePod:
    """A mixin of a TestCase. `trace`: what the Received field says; `refused`, `put_off`: the replies."""
    lab, trace, refused, put_off = None, None, "550 5.7.1 not you", "450 4.2.0 come back later"

    def sent(self, to, subject, body="A body.\r\n"):
        letter = world.letter("alice@ada.lab", to, subject, body)
        self.lab.ada.submit("alice", letter, [to])
        return letter

    def test_mail_goes_and_its_text_is_the_same(self):
        letter = self.sent("frank@fix.lab", "Grüße", world.ODD_BODY)
        received = self.lab.fix.receives(letter["Message-ID"])
        self.assertEqual(received.get_content(), letter.get_content().replace("\r\n", "\n"))
        self.assertEqual(received["Return-Path"], "<alice@ada.lab>")
        self.assertRegex(" ".join(received.get_all("Received")[0].split()), self.trace)

    def test_eight_bits_and_lines_of_dots_pass(self):
        letter = BITS % (b"alice@ada.lab", b"frank@fix.lab", b"ada.lab")
        self.lab.ada.submit_octets("alice", letter, ["frank@fix.lab"])
        self.lab.fix.receives("<bits@ada.lab>")
        body = letter.split(b"\r\n\r\n", 1)[1].replace(b"\r\n", b"\n")
        self.assertTrue([octets for octets in self.lab.fix.octets() if octets.endswith(body)], self.lab.fix.octets())

    def test_what_is_refused_comes_back_with_its_words(self):
        report = " ".join(self.lab.ada.returned("alice", self.sent("no@fix.lab", "refused")).as_string().split())
        for words in ("Status: 5.7.1", "Remote-MTA: dns; mx.fix.lab", self.refused):
            self.assertIn(words, report)

    def test_what_is_too_big_for_them_comes_back(self):
        self.take_messages_of(9_000_000)
        self.addCleanup(self.take_messages_of, 3_000_000)
        report = self.lab.ada.returned("alice", self.sent("frank@fix.lab", "big", ("y" * 70 + "\r\n") * 70_000)).as_string()
        self.assertIn("Status: 5.3.4", report)
        self.assertNotIn("y" * 70, report)  # nobody wants it back whole

    def take_messages_of(self, octets):
        self.lab.ada.stop()
        self.lab.ada.configure({"messages.size_octets": str(octets)})
        self.lab.ada.start()

    def test_what_is_put_off_waits_with_its_words(self):
        self.sent("later@fix.lab", "put off")

        def seek():
            return [to for entry in self.lab.ada.queue() for to in entry["recipients"] if to["address"] == "later@fix.lab"
                    and self.put_off in to["last_reply"]]
        network.eventually(lambda: f"put off: {self.lab.ada.queue()}", seek)

    def test_a_server_that_is_down_gets_its_mail_when_it_is_back(self):
        self.lab.fix.stop()
        letters = [self.sent("frank@fix.lab", f"while it was away {n}") for n in range(5)]
        network.eventually(lambda: f"five refused: {self.lab.ada.queue()}", lambda: [
            to["last_reply"] for entry in self.lab.ada.queue() for to in entry["recipients"]
        ].count("Connection refused") == 5)
        self.lab.fix.start()
        self.lab.ada.command("queue", "retry")
        for letter in letters:
            self.lab.fix.receives(letter["Message-ID"])
