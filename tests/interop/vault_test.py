#!/usr/bin/env python3
"""`mailpod vault` on a pod that serves: beside a session that reads, while mail comes and goes."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

import pod


GUIDE = " ".join((pod.ROOT / "docs/operating.md").read_text().split())


class Vault(pod.OnePod):
    count = 0

    def setUp(self):
        Vault.count += 1
        self.name = f"vault{Vault.count}"
        self.password = self.pod.newcomer(self.name)
        self.client = self.pod.imap()
        self.client.login(self.pod.address(self.name), self.password)
        self.client.select("INBOX")
        shown = json.loads(self.pod.run("--json", "member", "show", self.name).stdout)
        self.folder = self.pod.path / "members" / shown["member"]

    def deliver(self, subject):
        with self.pod.exchange() as server:
            server.sendmail("you@example.org", [self.pod.address(self.name)],
                            pod.message(subject, to=self.pod.address(self.name)).as_bytes())

    def append(self, subject):
        self.assertEqual(self.client.append("INBOX", None, None, pod.message(subject).as_bytes())[0], "OK")

    def vault(self, command, *arguments, secret=True, check=True):
        return self.pod.run("--json", "vault", command, self.name, *arguments, check=check,
                            stdin=self.password + "\n" if secret else None)

    def faults(self, *arguments, secret=True):
        """The kinds of what `vault verify` names, and its exit status."""
        done = self.vault("verify", *arguments, secret=secret, check=False)
        found = json.loads(done.stdout)["vaults"][0]["faults"]
        for fault in found:
            self.assertIn(f"| `{fault['what']}`", GUIDE)
        return sorted(fault["kind"] for fault in found), done.returncode

    def test_verify_while_mail_comes_and_goes(self):
        for number in range(20):
            self.append(f"before {number}")
        stop = threading.Event()

        def change():
            number = 0
            while not stop.is_set():
                self.append(f"during {number}")
                self.client.store("1", "+FLAGS", r"(\Deleted)")
                self.client.expunge()
                self.deliver(f"from outside {number}")
                number += 1
        changing = threading.Thread(target=change)
        changing.start()
        try:
            for _ in range(3):
                self.assertEqual(self.faults("--unlock"), ([], 0))
                self.assertEqual(self.faults(secret=False), ([], 0))
        finally:
            stop.set()
            changing.join()

    def test_each_fault_is_named_and_mended(self):
        for number in range(4):
            self.append(f"mail {number}")
        cur = self.folder / "Maildir/cur"
        first, second, third = sorted(cur.iterdir())[:3]
        octets = bytearray(first.read_bytes())
        octets[-20] ^= 1
        first.write_bytes(octets)
        second.unlink()
        (cur / "cat.jpg").write_bytes(b"meow")
        (cur / ("0" * 32)).write_bytes(third.read_bytes())
        self.assertEqual(self.faults("--unlock"),
                         (["file_damaged", "file_missing", "file_without_record", "foreign_file"], 1))
        self.assertEqual(self.faults(secret=False), (["foreign_file"], 1))
        self.assertEqual(self.faults_of_a_wrong_secret(), 2)
        self.assertEqual(self.vault("repair", check=False).returncode, 1)  # nobody said yes
        self.vault("repair", "--yes")
        self.assertEqual(self.faults("--unlock")[0], ["file_damaged", "file_missing", "quarantined", "quarantined"])
        self.assertIn("put aside, because nobody vouches for them", self.pod.run("check", check=False).stdout)
        acts = json.loads(self.vault("repair", "--yes", "--drop-lost", "--empty-quarantine").stdout)
        self.assertEqual(acts["emptied"], 3)
        self.assertEqual(self.faults("--unlock"), ([], 0))
        self.client.select("INBOX")
        self.assertEqual(self.client.search(None, "ALL")[1], [b"1 2"])

    def faults_of_a_wrong_secret(self):
        return self.pod.run("vault", "verify", self.name, "--unlock", stdin="wrong\n", check=False).returncode

    def test_compact_beside_a_session_that_reads(self):
        for number in range(30):
            self.append("x" * 10 + str(number))
        self.client.store("1:29", "+FLAGS", r"(\Deleted)")
        self.client.expunge()
        self.client.send(b"z IDLE\r\n")
        self.assertTrue(self.client.readline().startswith(b"+"))
        sizes = json.loads(self.vault("compact").stdout)
        self.assertLess(sizes["after"], sizes["before"] / 2)
        self.client.send(b"DONE\r\n")
        while not self.client.readline().startswith(b"z OK"):
            pass
        self.assertIn(b"Subject: xxxxxxxxxx29", self.client.fetch("1", "(BODY.PEEK[HEADER])")[1][0][1])
        self.append("afterwards")
        self.assertEqual(self.faults("--unlock"), ([], 0))

    def test_reindex_beside_a_session_that_searches(self):
        for word in ("apple", "pear", "quince"):
            self.append(word)
        found = self.client.search(None, "TEXT", "pear")[1]
        self.assertEqual(json.loads(self.vault("reindex").stdout)["documents"], 3)
        self.assertEqual(self.client.search(None, "TEXT", "pear")[1], found)
        self.assertEqual(len(found[0].split()), 1)
        self.assertEqual(self.faults("--unlock"), ([], 0))

    def test_rekey_leaves_one_secret(self):
        tablet = self.pod.run("app-password", "add", self.name, "tablet", stdin=self.password + "\n").stdout.strip()
        self.append("old mail")
        asked = self.pod.run("vault", "rekey", self.name, stdin=self.password + "\nno\n", check=False)
        self.assertEqual(asked.returncode, 1)
        self.assertIn("tablet", asked.stdout)
        revoked = json.loads(self.vault("rekey", "--yes").stdout)["revoked"]
        self.assertEqual({slot["name"] for slot in revoked}, {"tablet", "recovery code"})
        with self.assertRaises(pod.imaplib.IMAP4.error):
            self.pod.imap().login(self.pod.address(self.name), tablet)
        self.deliver("new mail")
        client = self.pod.imap()
        client.login(self.pod.address(self.name), self.password)
        pod.wait_for(client, "INBOX", ("SUBJECT", '"new mail"'))
        for subject in ("old mail", "new mail", "A new app password", "Your mail has new keys"):
            (found,) = client.search(None, "SUBJECT", f'"{subject}"')[1][0].split()
            self.assertIn(subject.encode(), client.fetch(found.decode(), "(BODY[HEADER])")[1][0][1])
        self.assertEqual(len(client.search(None, "ALL")[1][0].split()), 4)
        self.assertEqual(self.faults("--unlock"), ([], 0))

    def test_an_archive_key_opens_what_comes_from_then_on(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="archive-"))
        self.addCleanup(shutil.rmtree, folder)
        identity = folder / "key"
        subprocess.run(["age-keygen", "-o", str(identity)], check=True, capture_output=True)
        recipient = subprocess.run(["age-keygen", "-y", str(identity)], check=True, capture_output=True, text=True).stdout.strip()

        def opened():
            subjects = set()
            for file in (self.folder / "Maildir/cur").iterdir():
                mail = subprocess.run(["age", "-d", "-i", str(identity), str(file)], capture_output=True).stdout
                subjects.update(re.findall(rb"^Subject: (\w+)\r$", mail, re.MULTILINE))
            return subjects
        self.append("before")
        self.pod.run("vault", "archive", "set", self.name, recipient, stdin=self.password + "\n")
        self.assertEqual(self.pod.run("vault", "archive", "show", self.name).stdout.strip(), recipient)
        self.append("appended")
        self.deliver("delivered")
        pod.wait_for(self.client, "INBOX", ("SUBJECT", "delivered"))
        self.assertEqual(opened(), {b"appended", b"delivered"})
        self.pod.run("vault", "archive", "clear", self.name, stdin=self.password + "\n")
        self.append("after")
        self.assertEqual(opened(), {b"appended", b"delivered"})
        self.assertEqual(self.pod.run("vault", "archive", "show", self.name).stdout, "none\n")
        self.assertEqual(self.faults("--unlock"), ([], 0))

    def test_stats(self):
        self.append("counted")
        outside = json.loads(self.vault("stats", secret=False).stdout)
        self.assertEqual((outside["messages"], outside["waiting"], outside["slots"]), (1, 0, {"app": 1, "recovery": 1}))
        inside = json.loads(self.vault("stats", "--unlock").stdout)
        self.assertEqual(next(box["messages"] for box in inside["mailboxes"] if box["name"] == "INBOX"), 1)
        self.assertGreater(inside["overhead_percent"], 0)

    def test_a_suspension_ends_it(self):
        self.pod.as_maintainer("member", "suspend", self.name, "--reason", "test")
        done = self.pod.run("vault", "verify", self.name, "--unlock", stdin=self.password + "\n", check=False)
        self.assertEqual(done.returncode, 2)

    def test_a_suspension_ends_a_verify_that_is_under_way(self):
        for number in range(3):
            self.append(f"mail {number}")
        self.vault("reindex")  # so that nobody else reads the files
        first, second, _ = sorted((self.folder / "Maildir/cur").iterdir(), key=lambda file: file.stat().st_mtime_ns)
        for file in (first, second):  # whoever opens one waits until somebody comes to its other end
            self.addCleanup(file.write_bytes, file.read_bytes())
            self.addCleanup(file.unlink)
            file.unlink()
            os.mkfifo(file)
        command = [pod.MAILPOD, "--pod", str(self.pod.path), "vault", "verify", self.name, "--unlock"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as verify:
            verify.stdin.write(self.password + "\n")
            verify.stdin.close()
            self.meet(first)
            self.pod.as_maintainer("member", "suspend", self.name, "--reason", "test")
            self.meet(second)
            self.assertEqual(verify.wait(pod.PATIENCE), 2)
            self.assertIn("closed", verify.stderr.read())

    def meet(self, pipe):
        """Returns once somebody reads it; they find nothing in it."""
        patience = threading.Timer(pod.PATIENCE, lambda: os.close(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)))
        patience.start()
        os.close(os.open(pipe, os.O_WRONLY))
        patience.cancel()

    def test_mail_that_comes_during_a_rekey_is_read_by_the_new_key(self):
        for number in range(100):
            self.append(f"before {number}")
        stop = threading.Event()
        sent = []

        def send():
            while not stop.is_set():
                self.deliver(f"during {len(sent)}")
                sent.append(f"during {len(sent)}")
        sending = threading.Thread(target=send)
        sending.start()
        rekeys, deadline = 0, time.monotonic() + pod.PATIENCE
        try:
            while rekeys < 3 or (len(sent) <= 3 and time.monotonic() < deadline):
                self.vault("rekey", "--yes")
                rekeys += 1
        finally:
            stop.set()
            sending.join()
        self.assertGreater(len(sent), 3)
        client = self.pod.imap()
        client.login(self.pod.address(self.name), self.password)
        pod.wait_for(client, "INBOX", ("SUBJECT", f'"{sent[-1]}"'))
        found = client.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
        subjects = [part[1].decode().strip().removeprefix("Subject: ") for part in found if isinstance(part, tuple)]
        letters = [subject for subject in subjects if subject != "Your mail has new keys"]  # the pod's own
        self.assertEqual(sorted(letters), sorted([f"before {number}" for number in range(100)] + sent))
        self.assertEqual(self.faults("--unlock"), ([], 0))

    def test_without_a_daemon_it_is_done_here(self):
        self.append("kept")
        self.pod.stop()
        try:
            self.assertEqual(self.faults("--unlock"), ([], 0))
            self.vault("compact")
            self.vault("rekey", "--yes")
            self.assertEqual(self.pod.run("vault", "verify", "--all").returncode, 0)
        finally:
            self.pod.start()
        client = self.pod.imap()
        client.login(self.pod.address(self.name), self.password)
        client.select("INBOX")
        self.assertIn(b"kept", client.fetch("1", "(BODY[HEADER])")[1][0][1])


if __name__ == "__main__":
    unittest.main()
