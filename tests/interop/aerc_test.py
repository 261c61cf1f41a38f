#!/usr/bin/env python3
"""aerc, in a terminal: reads, flags, files, answers."""

import pathlib
import shutil
import tempfile
import unittest
import urllib.parse

import pod
import terminal


class Aerc(pod.OnePod):
    def setUp(self):
        self.home = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.home.name)
        configuration = self.folder / ".config/aerc"
        configuration.mkdir(parents=True)
        for name in ("aerc.conf", "binds.conf"):
            shutil.copy(f"/usr/share/aerc/{name}", configuration)
        user, password = (urllib.parse.quote(text, safe="") for text in ("bob@pod.lab", self.pod.password("bob")))
        accounts = configuration / "accounts.conf"
        accounts.touch(0o600)
        accounts.write_text(f"""[Pod]
source = imaps://{user}:{password}@127.0.0.1:{self.pod.port("IMAPS")}
outgoing = smtps+plain://{user}:{password}@127.0.0.1:{self.pod.port("SUBMISSIONS")}
from = Bob <bob@pod.lab>
copy-to = Sent
default = INBOX
check-mail = 0
""")

    def tearDown(self):
        self.shown.close()
        self.home.cleanup()

    def only(self, number):
        """The server searches, and one letter is left in the list; aerc 0.14 must be told to look at it."""
        self.shown.types_and_sees(f":clear\n:filter letter {number}\n",
                                  rf"(?s)\A(?!.* letter [^{number}]).* letter {number}.*filter letter {number}")
        self.shown.types(":select 0\n")

    def test_reads_flags_files_and_answers(self):
        with self.pod.submission("alice") as client:
            for number in range(3):
                client.send_message(pod.message(f"letter {number}", body=f"Word{number} inside.\r\n"))
        far = self.pod.imap("bob")
        pod.wait_for(far, "INBOX", ("SUBJECT", '"letter 2"'))
        self.shown = shown = terminal.Terminal(self.folder, "aerc", environment={
            "SSL_CERT_FILE": self.pod.path / "tls/certificate.pem", "EDITOR": "true"})
        shown.sees("letter 2", "letter 0")
        self.only(1)
        shown.types_and_sees(":view\n", "Word1 inside", "From: <alice@pod.lab>")
        shown.types_and_sees(":reply -q\n", "Send this email", "Re: letter 1")
        shown.types_and_sees("y", "Message sent")
        shown.types_and_sees(":close\n", "r letter 1")
        self.only(2)
        shown.types_and_sees(":flag\n", "O! letter 2")
        shown.types_and_sees(":mv Archive\n", "Messages moved")
        self.only(0)
        shown.types_and_sees(":delete\n", "Messages deleted")
        shown.types_and_sees(":cf Archive\n", "! letter 2")

        for mailbox, *criterion in (("INBOX", "ANSWERED", "SEEN", "SUBJECT", '"letter 1"'),
                                    ("Archive", "FLAGGED", "SUBJECT", '"letter 2"'),
                                    ("Sent", "SUBJECT", '"Re: letter 1"')):
            self.assertEqual(len(pod.wait_for(far, mailbox, criterion)), 1)
        far.select("INBOX")
        self.assertEqual(far.search(None, "OR", "SUBJECT", '"letter 0"', "SUBJECT", '"letter 2"')[1][0], b"")
        alice = self.pod.imap("alice")
        number = pod.wait_for(alice, "INBOX", ("SUBJECT", '"Re: letter 1"'))[-1]
        self.assertIn(b"\r\nIn-Reply-To: <", alice.fetch(number, "(BODY.PEEK[HEADER])")[1][0][1])


if __name__ == "__main__":
    unittest.main()
