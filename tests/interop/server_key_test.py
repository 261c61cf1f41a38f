#!/usr/bin/env python3
"""The server key: lost and brought back from paper, sealed by a passphrase, and changed while the pod serves."""

import os
import subprocess
import unittest

import pod

WORDS = "four words of nobody"


def share_in(text):
    return next(line.split()[-1] for line in text.splitlines() if line.startswith("server key "))


class ServerKey(unittest.TestCase):
    def setUp(self):
        self.pod = pod.Neighbour("pod.lab", "alice")
        self.key = self.pod.path / "server.key"

    def tearDown(self):
        self.pod.remove()

    def serve_with(self, passphrase):
        """Started, the passphrase on a descriptor of its own; its exit status if it does not come up."""
        ready, theirs = os.pipe()
        words, written = os.pipe()
        os.write(written, passphrase.encode() + b"\n")
        os.close(written)
        with open(self.pod.folder / "mailpod.log", "ab") as log:
            self.pod.serving = subprocess.Popen(
                [pod.MAILPOD, "--pod", str(self.pod.path), "serve", "--ready-fd", str(theirs), "--passphrase-fd",
                 str(words)], stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=(theirs, words))
        os.close(theirs)
        os.close(words)
        with open(ready) as word:
            if word.read() == "ready\n":
                return None
        status = self.pod.serving.wait(pod.PATIENCE)
        self.pod.serving = None
        return status

    def test_lost_it_comes_back_from_paper(self):
        paper = share_in(self.pod.run("server-key", "show").stdout)
        self.key.rename(self.pod.folder / "lost.key")
        refused = self.pod.run("serve", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("the server key is not there", refused.stderr)
        self.assertIn("server-key recover", refused.stderr)
        wrong = self.pod.run("server-key", "recover", stdin=paper[:-1] + ("0" if paper[-1] != "0" else "1") + "\n",
                             check=False)
        self.assertIn("a character of the code is wrong or missing", wrong.stderr)
        self.assertFalse(self.key.exists())
        # As people type: lower case, spaces for hyphens.
        self.pod.run("server-key", "recover", stdin=paper.lower().replace("-", " ") + "\n")
        self.assertEqual(self.key.stat().st_mode & 0o777, 0o600)
        self.pod.start()
        self.pod.imap("alice")

    def test_the_paper_copy_of_another_pod_is_not_written(self):
        other = pod.Neighbour("other.lab")
        try:
            paper = share_in(other.run("server-key", "show").stdout)
            before = self.key.read_bytes()
            refused = self.pod.run("server-key", "recover", stdin=paper + "\n", check=False)
            self.assertIn("does not open the pod", refused.stderr)
            self.assertEqual(self.key.read_bytes(), before)
        finally:
            other.remove()

    def test_it_changes_while_the_pod_serves(self):
        paper = share_in(self.pod.run("server-key", "show").stdout)
        self.pod.start()
        reader = self.pod.imap("alice")
        reader.select("INBOX")
        share = share_in(self.pod.run("server-key", "rotate").stdout)
        self.assertNotEqual(share, paper)
        self.assertEqual(share_in(self.pod.run("server-key", "show").stdout), share)
        # The session goes on, mail comes, and who belongs to the pod can be changed.
        with self.pod.exchange() as server:
            server.sendmail("you@example.org", ["alice@pod.lab"], pod.message("after", to="alice@pod.lab").as_bytes())
        pod.wait_for(reader, "INBOX", ("SUBJECT", "after"))
        self.pod.passwords["bob"] = self.pod.newcomer("bob")
        self.pod.stop()
        self.assertEqual(list(self.pod.path.rglob("*.next")), [])
        self.pod.start()
        self.pod.imap("alice")
        self.pod.imap("bob")
        self.pod.stop()
        old = self.pod.run("server-key", "recover", stdin=paper + "\n", check=False)
        self.assertIn("does not open the pod", old.stderr)

    def test_sealed_it_takes_its_passphrase(self):
        self.pod.run("server-key", "seal", stdin=f"{WORDS}\n{WORDS}\n")
        self.assertNotIn(b"-", self.key.read_bytes().splitlines()[-1])
        self.assertEqual(self.serve_with("another four words"), 1)
        self.assertIn("this is not its passphrase", (self.pod.folder / "mailpod.log").read_text())
        self.assertIsNone(self.serve_with(WORDS))
        self.pod.imap("alice")
        share = share_in(self.pod.run("server-key", "rotate").stdout)
        # Its file is not changed under a daemon that knows how it was sealed.
        self.assertIn("another mailpod works on this pod",
                      self.pod.run("server-key", "unseal", stdin=WORDS + "\n", check=False).stderr)
        self.pod.stop()
        self.assertNotIn(share, self.key.read_text())
        # A command on a pod at rest asks too; the member's own secret comes first.
        listed = self.pod.run("app-password", "list", "alice", stdin=f"{self.pod.password('alice')}\n{WORDS}\n").stdout
        self.assertIn("app", listed)
        self.pod.run("server-key", "unseal", stdin=WORDS + "\n")
        self.assertIn(share, self.key.read_text())
        self.pod.start()
        self.pod.imap("alice")


if __name__ == "__main__":
    unittest.main()
