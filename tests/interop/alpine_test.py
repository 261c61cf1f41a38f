#!/usr/bin/env python3
"""Alpine, in a terminal: the heir of the first IMAP client."""

import pathlib
import tempfile
import unittest

import pod
import terminal

PINERC = """
personal-name=Bob
alt-addresses=bob@pod.lab
customized-hdrs=From: Bob <bob@pod.lab>
user-domain=pod.lab
smtp-server=localhost:{submission}/tls/user=bob@pod.lab
inbox-path={{localhost:{imaps}/ssl/user=bob@pod.lab}}INBOX
folder-collections=Pod {{localhost:{imaps}/ssl/user=bob@pod.lab}}[]
default-fcc={{localhost:{imaps}/ssl/user=bob@pod.lab}}Sent
postponed-folder={{localhost:{imaps}/ssl/user=bob@pod.lab}}Drafts
feature-list=enable-flag-cmd,enable-aggregate-command-set
last-version-used=6.26
"""


class Alpine(pod.OnePod):
    def setUp(self):
        self.home = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.home.name)
        (self.folder / ".pinerc").write_text(PINERC.format(submission=self.pod.port("SUBMISSION"),
                                                           imaps=self.pod.port("IMAPS")))

    def tearDown(self):
        self.shown.close()
        self.home.cleanup()

    def test_reads_flags_files_and_answers(self):
        with self.pod.submission("alice") as client:
            for number in range(3):
                client.send_message(pod.message(f"letter {number}", body=f"Word{number} inside.\r\n"))
        far = self.pod.imap("bob")
        pod.wait_for(far, "INBOX", ("SUBJECT", '"letter 2"'))
        self.shown = shown = terminal.Terminal(self.folder, "alpine", "-i", environment={
            "SSL_CERT_FILE": self.pod.path / "tls/certificate.pem"})
        shown.sees("ENTER PASSWORD")
        shown.types_and_sees(self.pod.password("bob") + "\n", "Preserve password")
        shown.types_and_sees("n", "N +2 .*letter 0", "N +3 .*letter 1", "N +4 .*letter 2")

        shown.types_and_sees("wletter 1\n", "Message 3 of 4")
        shown.types_and_sees("\n", "Word1 inside")
        shown.types_and_sees("r", "Include original")
        shown.types_and_sees("y", "COMPOSE MESSAGE REPLY", "> Word1 inside")
        shown.types_and_sees("\x18", "Send message")
        shown.types_and_sees("y", "ENTER PASSWORD")
        shown.types_and_sees(self.pod.password("bob") + "\n", "Preserve password")
        # It says what it did for a moment only, or not at all when it is busy; the marks stay.
        shown.types_and_sees("n", "Message 3 of 4 .*ANS")
        shown.types_and_sees("<", r"A +3 .*letter 1")
        shown.types_and_sees("wletter 2\n", "Message 4 of 4")
        shown.types_and_sees("*", "Important")
        shown.types_and_sees("*", r"^\* +N? +4 .*letter 2")
        shown.types_and_sees("wletter 0\n", "Message 2 of 4")
        shown.types_and_sees("s", "SAVE")
        shown.types_and_sees("Archive\n", r"^[ +]*D +2 .*letter 0")
        shown.types_and_sees("x", "Expunge 1 message")
        shown.types_and_sees("y", "Message . of 3")

        for mailbox, *criterion in (("INBOX", "ANSWERED", "SEEN", "SUBJECT", '"letter 1"'),
                                    ("INBOX", "FLAGGED", "UNSEEN", "SUBJECT", '"letter 2"'),
                                    ("Archive", "SUBJECT", '"letter 0"'), ("Sent", "SUBJECT", '"Re: letter 1"')):
            self.assertEqual(len(pod.wait_for(far, mailbox, criterion)), 1)
        far.select("INBOX")
        self.assertEqual(far.search(None, "SUBJECT", '"letter 0"')[1][0], b"")
        alice = self.pod.imap("alice")
        number = pod.wait_for(alice, "INBOX", ("SUBJECT", '"Re: letter 1"'))[-1]
        self.assertIn(b"\r\nIn-Reply-To: <", alice.fetch(number, "(BODY.PEEK[HEADER])")[1][0][1])


if __name__ == "__main__":
    unittest.main()
