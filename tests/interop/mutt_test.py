#!/usr/bin/env python3
"""mutt: sends in batch mode; reads, answers, files and deletes in a terminal.

It is told which mechanism to use: mutt 2.2.12 (2023) with GNU SASL takes -PLUS where it is offered, has nothing to bind to,
and gives up (docs/operating.md)."""

import pathlib
import subprocess
import tempfile
import unittest

import pod
import terminal

RC = """
set folder="imaps://127.0.0.1:{imaps}/" spoolfile="+INBOX" imap_user="{user}" imap_pass="{password}"
set ssl_force_tls=yes certificate_file="{certificate}"
set smtp_url="smtp://{user}@127.0.0.1:{submission}/" smtp_pass="{password}"
{authenticators}
set from="{user}" realname="{name}" use_envelope_from=yes record="+Sent" postponed="+Drafts" trash="+Trash"
set imap_idle=yes mail_check=1 timeout=1 imap_keepalive=60 imap_check_subscribed=yes
set header_cache="" editor="true" sort=threads sort_aux=date-received
set delete=yes quit=yes confirmappend=no confirmcreate=no wait_key=no abort_unmodified=no abort_noattach=no
set fast_reply=yes include=yes mark_old=no menu_scroll=yes beep=no help=no pager_index_lines=0 read_inc=0 move=no
set index_format="%4C %Z %-12.12F %s"
"""


class Mutt(pod.OnePod):
    program = "mutt"
    authenticators = 'set imap_authenticators="scram-sha-256" smtp_authenticators="scram-sha-256"'
    opened_inbox = "Mutt: =INBOX"
    batch_keeps_a_copy = True

    def setUp(self):
        self.home = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.home.name)
        self.terminals = []

    def tearDown(self):
        for shown in self.terminals:
            shown.close()
        self.home.cleanup()

    def rc(self, name, more=""):
        path = self.folder / f"{name}.rc"
        path.touch(0o600)
        path.write_text(RC.format(user=self.pod.address(name), name=name.capitalize(), password=self.pod.password(name),
                                  authenticators=self.authenticators,
                                  imaps=self.pod.port("IMAPS"), submission=self.pod.port("SUBMISSION"),
                                  certificate=self.pod.path / "tls/certificate.pem") + more)
        return path

    def batch(self, rc, *arguments, stdin=""):
        return subprocess.run([self.program, "-F", rc, *arguments], input=stdin, text=True, capture_output=True,
                              timeout=pod.PATIENCE, env={"HOME": str(self.folder), "LC_ALL": "C.UTF-8", "TERM": "dumb",
                                                         "PATH": "/usr/bin:/bin"})

    def opened(self, rc, *arguments):
        home = self.folder / f"terminal{len(self.terminals)}"
        home.mkdir()
        shown = terminal.Terminal(home, self.program, "-F", rc, *arguments)
        self.terminals.append(shown)
        return shown

    def test_batch_sends_an_attachment_with_a_name_of_other_letters(self):
        attachment = self.folder / "Grüße.pdf"
        attachment.write_bytes(bytes(range(256)) * 100)
        done = self.batch(self.rc("alice"), "-s", "Größe und Maß", "-a", attachment, "--", "bob@pod.lab",
                          stdin="Schön.\n")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for name, mailbox in (("bob", "INBOX"), ("alice", "Sent")) if self.batch_keeps_a_copy else (("bob", "INBOX"),):
            client = self.pod.imap(name)
            number = pod.wait_for(client, mailbox, ("HEADER", "Message-ID", "@"))[-1]
            structure = client.fetch(number, "(BODYSTRUCTURE)")[1][0]
            self.assertIn(b'"MIXED"', structure.upper())

    def found(self, mailbox, *criterion, name="bob"):
        """How many a search finds, once it finds any."""
        return len(pod.wait_for(self.pod.imap(name), mailbox, criterion))

    def test_reads_answers_flags_files_and_deletes(self):
        with self.pod.submission("alice") as client:
            for number in range(4):
                client.send_message(pod.message(f"letter {number}", body=f"Word{number} inside.\r\n"))
        self.found("INBOX", "SUBJECT", '"letter 3"')
        shown = self.opened(self.rc("bob"))
        shown.sees("letter 0", "letter 3")

        # The server searches: mutt's =b.
        shown.types_and_sees("l=b Word2\n", r"(?s)\A(?!.*letter 1).*letter 2.*\W(all|~b)\W")
        shown.types_and_sees("lall\n", "letter 3", "letter 1")

        shown.types_and_sees("/letter 1\n\n", "Word1 inside", "From: alice@pod.lab")
        shown.types_and_sees("r", "Compose", "Re: letter 1")
        shown.types_and_sees("y", "Mail sent")
        shown.types_and_sees("q", "letter 3")
        shown.types_and_sees("/letter 2\nF", r" N?! .*letter 2")
        shown.types_and_sees("/letter 0\ns=Archive\n", r"D.*letter 0")
        shown.types_and_sees("/letter 3\nd", r"D.*letter 3")
        shown.types_and_sees("$", "kept, 2 deleted")

        self.assertEqual(self.found("INBOX", "ANSWERED", "SEEN", "SUBJECT", '"letter 1"'), 1)
        self.assertEqual(self.found("INBOX", "FLAGGED", "UNSEEN", "SUBJECT", '"letter 2"'), 1)
        self.assertEqual(self.found("Archive", "SUBJECT", '"letter 0"'), 1)
        self.assertEqual(self.found("Trash", "SUBJECT", '"letter 3"'), 1)
        self.assertEqual(self.found("Sent", "SUBJECT", '"Re: letter 1"'), 1)
        far = self.pod.imap("alice")
        number = pod.wait_for(far, "INBOX", ("SUBJECT", '"Re: letter 1"'))[-1]
        answer = far.fetch(number, "(BODY.PEEK[])")[1][0][1]
        self.assertIn(b"\r\nIn-Reply-To: <", answer)
        self.assertIn(b"> Word1 inside.", answer)
        far.select("INBOX")
        bob = self.pod.imap("bob")
        bob.select("INBOX")
        for gone in ("letter 0", "letter 3"):
            self.assertEqual(bob.search(None, "SUBJECT", f'"{gone}"')[1][0], b"", gone)

    def test_a_draft_is_postponed_and_resumed(self):
        shown = self.opened(self.rc("bob"))
        shown.sees(self.opened_inbox)
        shown.types_and_sees("m", "^To:")
        shown.types_and_sees("alice@pod.lab\n", "^Subject:")
        shown.types_and_sees("For later\n", "Compose")
        shown.types_and_sees("q", r"Postpone this message|Save \(postpone\) draft message")
        shown.types_and_sees("y", "Message postponed")
        self.found("Drafts", "DRAFT", "SUBJECT", '"For later"')
        shown.types_and_sees("m", "Recall postponed")
        shown.types_and_sees("y", "Compose", "For later")
        shown.types_and_sees("y", "Mail sent")
        self.found("INBOX", "SUBJECT", '"For later"', name="alice")
        bob = self.pod.imap("bob")
        self.assertEqual(bob.select("Drafts")[1][0], b"0")

    def test_new_mail_appears_while_the_mailbox_is_open(self):
        shown = self.opened(self.rc("bob"))
        shown.sees(self.opened_inbox)
        with self.pod.exchange() as other:
            other.sendmail("a@elsewhere.lab", ["bob@pod.lab"],
                           pod.message("just now", sender="a@elsewhere.lab").as_bytes())
        shown.sees("just now", "New mail in this mailbox")

    def test_a_conversation_is_a_tree(self):
        letters = [pod.message(f"branch {number}") for number in range(4)]
        for letter, answered in ((1, 0), (2, 1), (3, 0)):
            letters[letter]["In-Reply-To"] = letters[letter]["References"] = letters[answered]["Message-ID"]
        with self.pod.submission("alice") as client:
            for letter in letters:
                client.send_message(letter)
        self.found("INBOX", "SUBJECT", '"branch 3"')
        shown = self.opened(self.rc("bob", "set hide_thread_subject=no\n"), "-e", "push 'l~s branch\n'")
        drawn = shown.sees("branch 3", "all")
        tree = [line[line.index("alice@") + 13:].rstrip() for line in drawn.splitlines() if "branch" in line]
        self.assertEqual(tree, ["branch 0", "├─>branch 1", "│ └─>branch 2", "└─>branch 3"])


if __name__ == "__main__":
    unittest.main()
