#!/usr/bin/env python3
"""Members who leave: their sessions end, mail for them is refused, nothing of theirs is left, and they have a receipt
that Debian's minisign verifies."""

import json
import subprocess
import time
import unittest

import pod

WITHIN = 1.0  # seconds from the command's answer to the end of the session
SLACK = 1.0  # for a machine that is busy with other things


class Leaving(pod.OnePod):
    count = 0

    def setUp(self):
        Leaving.count += 1
        self.name = f"leaver{Leaving.count}"
        self.password = self.pod.newcomer(self.name)
        self.id = json.loads(self.pod.run("--json", "member", "show", self.name).stdout)["member"]
        self.folder = self.pod.path / "members" / self.id

    def recipient(self):
        with self.pod.exchange() as exchange:
            exchange.ehlo("elsewhere.example")
            exchange.mail("somebody@elsewhere.example")
            code, text = exchange.rcpt(self.name + "@pod.lab")
            return code, text.decode()

    def forget(self, *arguments, stdin=None, check=True):
        return self.pod.run("member", "forget", self.name, *arguments, stdin=stdin or self.password + "\n", check=check)

    def test_somebody_leaves_by_their_own_wish(self):
        client = self.pod.imap(self.name, self.password)
        client.append("INBOX", None, None, bytes(pod.message()))
        client.select("INBOX")
        receipt = self.pod.folder / f"{self.name}.receipt"
        done = self.forget("--yes", "--with-address", "--receipt", str(receipt))
        answered = time.monotonic()
        with self.assertRaises((client.abort, OSError)):
            while True:
                client.noop()
        self.assertLess(time.monotonic() - answered, WITHIN + SLACK)

        self.assertFalse(self.folder.exists())
        code, text = self.recipient()
        self.assertEqual((code, text[:5]), (550, "5.1.1"))
        with self.assertRaises(pod.imaplib.IMAP4.error):
            self.pod.imap(self.name, self.password)
        self.assertNotIn(self.name, self.pod.run("member", "list").stdout)
        refused = self.pod.as_maintainer("member", "admit", self.name, check=False)
        self.assertIn("was somebody's who left", refused.stderr)

        text = receipt.read_text()
        self.assertEqual(done.stdout, text)
        self.assertIn(self.id, text)
        self.assertIn(self.name + "@pod.lab", text)
        key = text.split(" -P ")[1].split()[0]
        verify = ["minisign", "-V", "-m", str(receipt), "-P", key]
        self.assertIn("mailpod receipt pod=pod.lab member=" + self.id,
                      subprocess.run(verify, check=True, capture_output=True, text=True).stdout)
        receipt.write_text(text.replace("key slots", "key slot"))
        self.assertNotEqual(subprocess.run(verify, capture_output=True).returncode, 0)

        again = self.pod.run("member", "receipt", self.id).stdout
        self.assertIn(self.id, again)
        self.assertNotIn(self.name, again)

    def test_nobody_leaves_by_mistake_or_by_another(self):
        for stdin, arguments in (("wrong password\n", ["--yes"]), (self.password + "\nsomebody else\n", [])):
            refused = self.forget(*arguments, stdin=stdin, check=False)
            self.assertNotEqual(refused.returncode, 0)
        self.assertEqual(self.pod.imap(self.name, self.password).select("INBOX")[0], "OK")
        self.assertEqual(self.recipient()[0], 250)

    def test_the_charter_says_who_may_expel(self):
        refused = self.pod.as_maintainer("member", "forget", self.name, "--yes", check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("the charter wants a vote", refused.stderr)
        self.assertTrue(self.folder.exists())

    def test_who_leaves_while_no_daemon_runs_is_gone_when_it_does(self):
        self.pod.stop()
        self.forget("--yes")
        self.assertFalse(self.folder.exists())
        self.pod.start()
        self.assertEqual(self.recipient()[0], 550)


if __name__ == "__main__":
    unittest.main()
