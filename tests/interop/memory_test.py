#!/usr/bin/env python3
"""A dump of the daemon, a while after everybody has logged out, holds no word of a member's mail and no password.

Root reads all that the process may write to (/proc/PID/mem), which is more than a core dump would show. The vaults' linger
is one second here; it is 60 by default. The test is only worth something if the words can be found at all: so it looks
first while a session is open, and must find them.

Seen to fail: without src/base/zeroing_free.cpp and pool threads that clear their stacks (records of TLS; whole mails), and
while a session stays open.
"""

import os
import smtplib
import time
import unittest

import memory
import pod
import scram_test


class AfterLogout(unittest.TestCase):
    def setUp(self):
        self.assertEqual(os.geteuid(), 0, "only root may read the memory of a process that is not dumpable: run this test as root")
        self.pod = pod.Neighbour("pod.lab", "alice", "bob")
        self.addCleanup(self.pod.remove)
        self.pod.set("vaults", linger_seconds=1)
        self.pod.start()
        self.words = {"subject": "canarysubjectQ7", "body": "canarybodyoftheletter", "file": "canaryattachment",
                      "mailbox": "canarymailboxname", "keyword": "canarykeyword", "search": "canarysearchedfor",
                      "draft": "canaryappendeddraft", "submitted": "canarysubmittedbody",
                      "human password": "canary human password", **{f"app password of {name}": self.pod.password(name)
                                                                   for name in ("alice", "bob")}}

    def letter(self, size):
        mail = pod.message(self.words["subject"], f"{self.words['body']}\r\n" * 40, sender="someone@elsewhere.lab")
        mail.add_attachment((self.words["body"].encode() * (size // 20))[:size], maintype="application",
                            subtype="octet-stream", filename=self.words["file"] + ".bin")
        mail.add_attachment(f"{self.words['body']}\r\n" * 20, filename=self.words["file"] + ".txt", cte="quoted-printable")
        return mail

    def let_mail_come(self):
        for size in (500, 60_000, 1_000_000):
            for encrypts in (True, False):
                with self.pod.exchange() as other:
                    if encrypts:
                        other.starttls(context=self.pod.tls)
                    other.send_message(self.letter(size), to_addrs=["bob@pod.lab", "alice@pod.lab"])

    def submit(self):
        for mechanism in ("PLAIN", "LOGIN"):
            client = self.pod.submission()
            client.ehlo()
            client.user, client.password = "alice@pod.lab", self.pod.password("alice")
            client.auth(mechanism, getattr(client, "auth_" + mechanism.lower()))
            client.send_message(pod.message(self.words["subject"], f"{self.words['submitted']}\r\n" * 400))
            client.quit()
        with self.pod.submission() as client:
            with self.assertRaises(smtplib.SMTPAuthenticationError):
                client.login("alice@pod.lab", self.words["human password"])

    def administer(self):
        """Secrets that come through the control socket."""
        made = self.pod.run("app-password", "add", "bob", "second", stdin=self.pod.password("bob") + "\n").stdout
        self.words["second app password"] = made.split("\t")[-1].strip()
        self.pod.run("app-password", "list", "bob", stdin=self.words["human password"] + "\n", check=False)

    def read(self):
        """A session for each way to log in and each way to read; the last stays open."""
        client = self.pod.imap("bob")
        number = pod.wait_for(client, "INBOX", ("BODY", self.words["body"]))
        client.create(self.words["mailbox"])
        client.copy(number[0], self.words["mailbox"])
        client.store(number[0], "+FLAGS", f"({self.words['keyword']})")
        client.append(self.words["mailbox"], None, None, f"Subject: x\r\n\r\n{self.words['draft']}\r\n".encode() * 2000)
        client.select(self.words["mailbox"])
        client.search(None, "BODY", self.words["search"])
        client.logout()
        prover = self.pod.imap()
        prover.authenticate("SCRAM-SHA-256", scram_test.Client("bob@pod.lab", self.pod.password("bob")).answer)
        prover.logout()
        other = self.pod.imap()
        other.authenticate("PLAIN", lambda _: f"\0bob@pod.lab\0{self.pod.password('bob')}".encode())
        other.select("INBOX")
        other.search(None, "TEXT", self.words["search"])
        for items in ("(ENVELOPE BODYSTRUCTURE FLAGS)", "(RFC822)", "(BODY.PEEK[1] BODY.PEEK[2]<100.5000>)",
                      "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])"):
            other.fetch("1:*", items)
        other.list()
        return other

    def test_nothing_is_left_a_while_after_the_last_session(self):
        daemon = memory.Memory(self.pod.serving.pid)
        self.administer()
        needles = memory.faces(self.words)
        self.let_mail_come()
        self.submit()
        session = self.read()
        in_use = daemon.find(needles)
        for word in ("mailbox", "keyword"):
            self.assertIn(word, in_use, "what an open vault holds was not found: this test sees nothing")
        session.logout()
        deadline = time.monotonic() + 120
        found = daemon.find(needles)
        while found and time.monotonic() < deadline:
            time.sleep(0.5)  # for the linger, which nothing announces
            found = daemon.find(needles)
        report = "\n".join(f"{word}, {len(places)} times: " + "\n    ".join(places[:6]) for word, places in found.items())
        self.assertEqual(found, {}, "left in memory:\n" + report)


if __name__ == "__main__":
    unittest.main()
