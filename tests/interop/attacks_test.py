#!/usr/bin/env python3
"""What others try on an open port."""

import imaplib
import smtplib
import socket
import time
import unittest

import pod


def talk(connection, octets):
    connection.sendall(octets)
    return connection.recv(65536)


def everything(connection):
    """What comes until the peer closes."""
    out = b""
    try:
        while piece := connection.recv(65536):
            out += piece
    except ConnectionResetError:
        pass
    return out


class Attacks(pod.OnePod):
    def refused(self, client, sender, recipient):
        client.ehlo()
        client.mail(sender)
        code, _ = client.rcpt(recipient)
        client.rset()
        return code

    def test_nobody_relays_through_port_25(self):
        for sender in ("", "spammer@elsewhere.lab", "alice@pod.lab"):
            with self.pod.exchange() as client:
                for recipient in ("victim@elsewhere.lab", "victim%elsewhere.lab@pod.lab", "elsewhere.lab!victim@pod.lab",
                                  "@pod.lab:victim@elsewhere.lab", "victim@elsewhere.lab@pod.lab", "victim@[127.0.0.1]",
                                  '"victim@elsewhere.lab"@pod.lab', "victim@pod.lab.elsewhere.lab"):
                    self.assertGreaterEqual(self.refused(client, sender, recipient), 500, (sender, recipient))

    def test_a_pod_to_try_sends_no_mail_to_other_servers(self):
        with self.pod.submission("alice") as client:
            self.assertEqual(self.refused(client, "alice@pod.lab", "friend@elsewhere.lab"), 451)

    def test_submission_wants_a_login_and_the_members_own_name(self):
        with self.pod.submission() as client:
            client.ehlo()
            self.assertEqual(client.mail("alice@pod.lab")[0], 530)
        with self.pod.submission("alice") as client:
            client.ehlo()
            self.assertEqual(client.mail("bob@pod.lab")[0], 550)
            with self.assertRaises(smtplib.SMTPDataError) as refused:
                client.sendmail("alice@pod.lab", ["bob@pod.lab"], pod.message(sender="bob@pod.lab").as_bytes())
            self.assertEqual(refused.exception.smtp_code, 550)

    def test_no_login_in_clear(self):
        with self.pod.connect("IMAP") as connection:
            self.assertIn(b"LOGINDISABLED", connection.recv(4096) + talk(connection, b"a CAPABILITY\r\n"))
            self.assertIn(b"a NO", talk(connection, b"a LOGIN alice@pod.lab x\r\n"))
        with self.pod.connect("SUBMISSION") as connection:
            connection.recv(4096)
            self.assertNotIn(b"AUTH", talk(connection, b"EHLO x\r\n"))

    def test_octets_behind_starttls_are_dropped_with_the_connection(self):
        for name, greet, injected in (("SUBMISSION", b"EHLO x\r\n", b"STARTTLS\r\nEHLO injected\r\n"),
                                      ("SMTP", b"EHLO x\r\n", b"STARTTLS\r\nMAIL FROM:<a@b.lab>\r\n"),
                                      ("IMAP", b"a NOOP\r\n", b"a STARTTLS\r\nb CAPABILITY\r\n")):
            with self.subTest(name), self.pod.connect(name) as connection:
                connection.recv(4096)
                talk(connection, greet)
                connection.sendall(injected)
                answered = everything(connection)
                self.assertNotIn(b"injected", answered)
                self.assertNotIn(b"b OK", answered)
                self.assertNotIn(b"2.1.0", answered)

    def test_smuggling_line_ends_close_the_connection(self):
        for end in (b"\n.\n", b"\r\n.\n", b"\n.\r\n", b"\r.\r", b"\0\r\n.\r\n"):
            with self.subTest(end), self.pod.connect("SMTP") as connection:
                connection.recv(4096)
                for command in (b"EHLO x\r\n", b"MAIL FROM:<a@b.lab>\r\n", b"RCPT TO:<bob@pod.lab>\r\n", b"DATA\r\n"):
                    answer = talk(connection, command)
                self.assertTrue(answer.startswith(b"354"), answer)
                connection.sendall(b"Subject: smuggled\r\n\r\nx" + end + b"MAIL FROM:<c@d.lab>\r\n.\r\n")
                self.assertRegex(everything(connection), rb"^5\d\d [^\r]*\r\n$")
        self.assertEqual(self.pod.imap("bob").select("INBOX")[0], "OK")

    def test_garbage_does_not_end_a_session_at_once(self):
        with self.pod.connect("SMTP") as connection:
            connection.recv(4096)
            for octets in (b"\0\0\0\r\n", b"MAIL FROM\r\n", b"RCPT TO:<" + b"x" * 1000 + b">\r\n", b"\xff\xfe\r\n"):
                self.assertTrue(talk(connection, octets).startswith(b"5"), octets)
            self.assertTrue(talk(connection, b"NOOP\r\n").startswith(b"250"))
        with self.pod.connect("IMAP") as connection:
            connection.recv(4096)
            for octets in (b"\r\n", b"a\r\n", b"a BLURDYBLOOP\r\n", b"a LOGIN (\r\n"):
                self.assertIn(b"BAD", talk(connection, octets), octets)
            self.assertIn(b"a OK", talk(connection, b"a NOOP\r\n"))

    def test_unknown_recipients_are_550(self):
        with self.pod.exchange() as client:
            client.ehlo()
            client.mail("a@elsewhere.lab")
            code, text = client.rcpt("nobody@pod.lab")
            self.assertEqual((code, text.split()[0]), (550, b"5.1.1"))


class WrongPasswords(pod.OnePod):
    TRIES = 5

    def answer_and_time(self, name, password):
        """The answer to a refused IMAP login, and the least time it took."""
        best, answers = float("inf"), set()
        for _ in range(self.TRIES):
            client = self.pod.imap()
            began = time.monotonic()
            with self.assertRaises(imaplib.IMAP4.error) as refused:
                client.login(name, password)
            best = min(best, time.monotonic() - began)
            answers.add(str(refused.exception))
        self.assertEqual(len(answers), 1)
        return answers.pop(), best

    def assert_alike(self, answers):
        self.assertEqual(len({answer for answer, _ in answers}), 1, answers)
        times = [taken for _, taken in answers]
        self.assertLess(max(times), 2 * min(times) + 0.03, answers)

    def test_answer_and_time_are_the_same_for_every_reason(self):
        right = self.pod.password("alice")
        carol = self.pod.newcomer("carol")
        self.pod.as_maintainer("member", "suspend", "carol")
        app = [self.answer_and_time("bob@pod.lab", right),      # another member's
               self.answer_and_time("nobody@pod.lab", right),   # nobody of that name
               self.answer_and_time("carol@pod.lab", carol),    # suspended, and right
               self.answer_and_time("nobody@elsewhere.lab", right)]
        human = [self.answer_and_time("bob@pod.lab", "correct horse"),
                 self.answer_and_time("nobody@pod.lab", "correct horse"),
                 self.answer_and_time("carol@pod.lab", "correct horse")]
        self.assert_alike(app)
        self.assert_alike(human)
        self.assertEqual(app[0][0], human[0][0])

    def test_submission_answers_535_for_every_reason(self):
        for name, password in (("alice", "x"), ("nobody", "x"), ("bob", self.pod.password("alice"))):
            with self.pod.submission() as client:
                with self.assertRaises(smtplib.SMTPAuthenticationError) as refused:
                    client.login(self.pod.address(name), password)
                self.assertEqual(refused.exception.smtp_code, 535)


if __name__ == "__main__":
    unittest.main()
