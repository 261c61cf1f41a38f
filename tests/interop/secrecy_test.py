#!/usr/bin/env python3
"""What lies on the disk tells nothing, and nobody opens a vault without one of its member's secrets."""

import base64
import imaplib
import json
import shutil
import unittest

import pod


class Canaries(pod.OnePod):
    def test_no_word_of_a_members_mail_stands_anywhere_on_the_disk(self):
        words = {"subject": "canarysubject", "body": "canarybody", "address": "canaryaddress",
                 "mailbox": "canarymailbox", "sender": "canarysender", "file": "canaryattachment",
                 "keyword": "canarykeyword"}
        password = self.pod.newcomer(words["address"])
        mail = pod.message(words["subject"], words["body"] * 50, sender=words["sender"] + "@elsewhere.lab",
                           to=words["address"] + "@pod.lab")
        mail.add_attachment(b"x" * 300_000, maintype="application", subtype="octet-stream",
                            filename=words["file"] + ".bin")
        with self.pod.exchange() as other:
            other.send_message(mail)
        self.assert_nowhere([*words.values(), password])

        client = self.pod.imap(words["address"], password)
        number = pod.wait_for(client, "INBOX", ("SUBJECT", words["subject"]))[0]
        client.create(words["mailbox"])
        client.copy(number, words["mailbox"])
        client.store(number, "+FLAGS", f"({words['keyword']})")
        client.append("Sent", None, None, mail.as_bytes())
        client.logout()
        self.assert_nowhere([*words.values(), password])
        self.pod.stop()
        self.assert_nowhere([*words.values(), password])

    def assert_nowhere(self, words):
        needles = {}
        for word in words:
            needles[word.encode()] = word
            for shift in range(3):  # in base64 a word has three faces; their inner part does not depend on neighbours
                face = base64.b64encode(b"\0" * shift + word.encode())
                needles[face[4:-4]] = word + " in base64"
        searched = 0
        for path in [*self.pod.path.rglob("*"), self.pod.folder / "mailpod.log"]:
            for needle, word in needles.items():
                self.assertNotIn(needle, str(path.relative_to(self.pod.folder)).encode(), f"{word} in the name {path}")
            if path.is_file():
                searched += 1
                octets = path.read_bytes()
                for needle, word in needles.items():
                    self.assertNotIn(needle, octets, f"{word} in {path}")
        self.assertGreater(searched, 10)

    @classmethod
    def tearDownClass(cls):
        cls.pod.remove()


class NoEscrow(pod.OnePod):
    """Someone with every file, every admin command and the maintainer's key, but no secret of bob's."""

    def log_in(self, name, password):
        self.pod.imap(name, password).logout()

    def test_no_command_opens_a_vault(self):
        alices = self.pod.password("alice")
        for secret in ("", "guess", alices):
            for command in (("add", "bob", "spy"), ("list", "bob"), ("revoke", "bob", "quickstart")):
                done = self.pod.run("app-password", *command, stdin=secret + "\n", check=False)
                self.assertNotEqual(done.returncode, 0, (command, secret))
        self.assertNotEqual(self.pod.as_maintainer("member", "reissue", "bob", check=False).returncode, 0)
        self.assertNotEqual(self.pod.as_maintainer("member", "admit", "bob", check=False).returncode, 0)
        self.log_in("bob", self.pod.password("bob"))

    def test_no_file_of_another_member_opens_it(self):
        members = {}
        for person in json.loads(self.pod.run("--json", "member", "list").stdout)["members"]:
            members[person["addresses"][0]] = self.pod.path / "members" / person["member"]
        alice, bob = members["alice@pod.lab"], members["bob@pod.lab"]
        self.pod.stop()
        saved = self.pod.folder / "saved"
        shutil.copytree(bob, saved)
        try:
            for slot in (bob / "slots").iterdir():
                slot.unlink()
            for slot in (alice / "slots").iterdir():
                shutil.copy(slot, bob / "slots" / slot.name)
            self.start_alone()
            for password in (self.pod.password("alice"), self.pod.password("bob")):
                with self.assertRaises(imaplib.IMAP4.error):
                    self.log_in("bob", password)
        finally:
            self.stop_alone()
            shutil.rmtree(bob)
            shutil.copytree(saved, bob)
            self.pod.start()
        self.log_in("bob", self.pod.password("bob"))

    def start_alone(self):
        """The daemon without quickstart's first message, which needs bob."""
        import os
        import subprocess
        read, write = os.pipe()
        self.alone = subprocess.Popen([pod.MAILPOD, "--pod", str(self.pod.path), "serve", "--ready-fd", str(write)],
                                      pass_fds=(write,), stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as ready:
            self.assertEqual(ready.readline(), "ready\n")

    def stop_alone(self):
        self.alone.terminate()
        self.assertEqual(self.alone.wait(pod.PATIENCE), 0)


if __name__ == "__main__":
    unittest.main()
