#!/usr/bin/env python3
"""offlineimap3 keeps a Maildir and a pod alike, both ways."""

import pathlib
import subprocess
import tempfile
import unittest

import pod

CONFIGURATION = """
[general]
accounts = bob
metadata = {home}/metadata
ui = basic
[Account bob]
localrepository = near
remoterepository = far
[Repository near]
type = Maildir
localfolders = {home}/mail
[Repository far]
type = IMAP
remotehost = localhost
remoteport = {port}
remoteuser = bob@pod.lab
remotepass = {password}
ssl = yes
sslcacertfile = {certificate}
auth_mechanisms = PLAIN
maxconnections = 2
"""


class Offlineimap(pod.OnePod):
    def setUp(self):
        self.home = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.home.name)
        configuration = self.folder / "offlineimaprc"
        configuration.touch(0o600)
        configuration.write_text(CONFIGURATION.format(home=self.folder, port=self.pod.port("IMAPS"),
                                                      password=self.pod.password("bob"),
                                                      certificate=self.pod.path / "tls/certificate.pem"))

    def tearDown(self):
        self.home.cleanup()

    def sync(self):
        done = subprocess.run(["offlineimap", "-o", "-c", self.folder / "offlineimaprc"], capture_output=True,
                              text=True, timeout=pod.PATIENCE * 2, stdin=subprocess.DEVNULL)
        said = done.stdout + done.stderr
        self.assertEqual(done.returncode, 0, said)
        for trouble in ("ERROR", "WARNING", "Traceback"):
            self.assertNotIn(trouble, said)
        return said

    def near(self, mailbox):
        folder = self.folder / "mail" / mailbox
        return sorted(path for part in ("cur", "new") for path in (folder / part).iterdir())

    def with_subject(self, mailbox, subject):
        return [path for path in self.near(mailbox) if b"Subject: %s\n" % subject.encode() in
                path.read_bytes().replace(b"\r", b"")]

    def test_flags_moves_and_deletions_go_both_ways(self):
        with self.pod.submission("alice") as client:
            for number in range(5):
                client.send_message(pod.message(f"offline {number}"))
        far = self.pod.imap("bob")
        pod.wait_for(far, "INBOX", ("SUBJECT", '"offline 4"'))

        self.sync()
        for mailbox in ("INBOX", "Sent", "Drafts", "Junk", "Trash", "Archive"):
            self.assertTrue((self.folder / "mail" / mailbox).is_dir(), mailbox)
        self.assertEqual(sum(b"Subject: offline " in path.read_bytes() for path in self.near("INBOX")), 5)

        # Here: a flag, a move, a deletion.
        flagged, moved, deleted = (self.with_subject("INBOX", f"offline {number}")[0] for number in range(3))
        flagged.rename(self.folder / "mail/INBOX/cur" / (flagged.name.split(":")[0] + ":2,FS"))
        moved.rename(self.folder / "mail/Archive/new" / "1700000000.moved.host")
        deleted.unlink()
        self.sync()
        far.select("INBOX")
        self.assertEqual(len(far.search(None, "FLAGGED", "SEEN", "SUBJECT", '"offline 0"')[1][0].split()), 1)
        self.assertEqual(far.search(None, "SUBJECT", '"offline 1"')[1][0], b"")
        self.assertEqual(far.search(None, "SUBJECT", '"offline 2"')[1][0], b"")
        far.select("Archive")
        self.assertEqual(len(far.search(None, "SUBJECT", '"offline 1"')[1][0].split()), 1)

        # There: a flag, a move, a new mailbox with a name of other letters.
        far.create('"Pl&AOQ-ne/2024"')
        far.select("INBOX")
        far.store(far.search(None, "SUBJECT", '"offline 3"')[1][0], "+FLAGS", r"(\Answered)")
        moving = far.search(None, "SUBJECT", '"offline 4"')[1][0].decode()
        self.assertEqual(far._simple_command("MOVE", moving, '"Pl&AOQ-ne/2024"')[0], "OK")
        self.sync()
        self.assertIn("R", self.with_subject("INBOX", "offline 3")[0].name.split(":2,")[1])
        self.assertEqual(self.with_subject("INBOX", "offline 4"), [])
        self.assertEqual(len(self.with_subject("Pl&AOQ-ne.2024", "offline 4")), 1)

        # Nothing is left to do.
        said = self.sync()
        for verb in ("Copy message", "Deleting", "Adding flags"):
            self.assertNotIn(verb, said)


if __name__ == "__main__":
    unittest.main()
