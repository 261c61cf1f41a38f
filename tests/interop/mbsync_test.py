#!/usr/bin/env python3
"""mbsync (isync) keeps a Maildir and a pod alike, both ways."""

import pathlib
import re
import subprocess
import tempfile
import unittest

import pod


class Mbsync(pod.OnePod):
    def setUp(self):
        self.home = tempfile.TemporaryDirectory()
        self.maildir = pathlib.Path(self.home.name, "mail")
        self.maildir.mkdir()
        configuration = pathlib.Path(self.home.name, "mbsyncrc")
        configuration.touch(0o600)
        configuration.write_text(f"""
IMAPAccount bob
Host 127.0.0.1
Port {self.pod.port("IMAPS")}
User bob@pod.lab
Pass "{self.pod.password("bob")}"
SSLType IMAPS
CertificateFile {self.pod.path}/tls/certificate.pem

IMAPStore far
Account bob

MaildirStore near
Path {self.maildir}/
Inbox {self.maildir}/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Expunge Both
SyncState *
""")
        self.configuration = configuration

    def tearDown(self):
        self.home.cleanup()

    def sync(self):
        done = subprocess.run(["mbsync", "-c", self.configuration, "all"], capture_output=True, text=True,
                              timeout=pod.PATIENCE, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def near(self, mailbox):
        folder = self.maildir / mailbox
        return sorted(path for part in ("cur", "new") for path in (folder / part).iterdir())

    def with_subject(self, mailbox, subject):
        found = [path for path in self.near(mailbox) if b"Subject: " + subject.encode() in path.read_bytes()]
        self.assertEqual(len(found), 1, subject)
        return found[0]

    def test_pulls_pushes_and_carries_flags_and_moves_both_ways(self):
        with self.pod.submission("alice") as client:
            for number in range(5):
                client.send_message(pod.message(f"mbsync {number}"))
        far = self.pod.imap("bob")
        pod.wait_for(far, "INBOX", ("SUBJECT", '"mbsync 4"'))

        self.sync()
        pulled = [path for path in self.near("INBOX") if b"Subject: mbsync " in path.read_bytes()]
        self.assertEqual(len(pulled), 5)

        # What is done here shows there: a flag, a deletion, a move, a new message, a new mailbox.
        flagged, deleted, moved = (self.with_subject("INBOX", f"mbsync {number}") for number in range(3))
        name = flagged.name.split(":")[0] + ":2,FS"
        flagged.rename(self.maildir / "INBOX/cur" / name)
        deleted.unlink()
        for part in ("tmp", "new", "cur"):
            (self.maildir / "Projects" / part).mkdir(parents=True)
        # Without the part of the name that says what the message was in the other mailbox.
        moved.rename(self.maildir / "Projects/cur" / re.sub(r",U=\d+", "", moved.name))
        (self.maildir / "Projects/new/1.pushed.host").write_bytes(pod.message("pushed by mbsync").as_bytes())
        self.sync()
        far.select("INBOX")
        self.assertEqual(len(far.search(None, "FLAGGED")[1][0].split()), 1)
        for gone in ("mbsync 1", "mbsync 2"):
            self.assertEqual(far.search(None, "SUBJECT", f'"{gone}"')[1][0], b"", gone)
        self.assertEqual(far.select("Projects")[0], "OK")
        for pushed in ("pushed by mbsync", "mbsync 2"):
            self.assertEqual(len(far.search(None, "SUBJECT", f'"{pushed}"')[1][0].split()), 1, pushed)

        # What is done there shows here.
        far.select("INBOX")
        far.store(far.search(None, "SUBJECT", '"mbsync 4"')[1][0], "+FLAGS", r"(\Answered)")
        moving = far.search(None, "SUBJECT", '"mbsync 3"')[1][0].decode()
        self.assertEqual(far._simple_command("MOVE", moving, "Archive")[0], "OK")
        far.append("Archive", None, None, pod.message("appended there").as_bytes())
        self.sync()
        self.assertIn("R", self.with_subject("INBOX", "mbsync 4").name.split(":2,")[1])
        self.assertEqual(len(self.near("Archive")), 2)
        self.assertIn(b"Subject: mbsync 3", self.with_subject("Archive", "mbsync 3").read_bytes())
        self.assertEqual([path for path in self.near("INBOX") if b"Subject: mbsync 3" in path.read_bytes()], [])

        # Nothing is left to do.
        before = [path.name for path in self.near("INBOX")]
        self.sync()
        self.assertEqual([path.name for path in self.near("INBOX")], before)


if __name__ == "__main__":
    unittest.main()
