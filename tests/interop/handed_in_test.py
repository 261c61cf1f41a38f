#!/usr/bin/env python3
"""Mail that comes another way than straight from its sender: by LMTP from the server beside the pod, through a proxy."""

import contextlib
import smtplib
import stat
import unittest

import pod


class HandedIn(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pod = pod.Neighbour("pod.lab", "alice", "bob")
        cls.addClassCleanup(cls.pod.remove)
        cls.socket = cls.pod.folder / "lmtp"
        cls.pod.set("listen.lmtp", path=str(cls.socket))
        cls.pod.set("listen.submission", proxies=["127.0.0.1"])
        cls.pod.set("smtp", xclient=["127.0.0.0/8"])
        cls.pod.set("authentication", exempt=["192.0.2.0/24"])  # there is no DNS here
        cls.pod.start()

    def newest(self, name):
        imap = self.pod.imap(name)
        count = int(imap.select()[1][0])
        return imap.fetch(str(count), "(BODY.PEEK[])")[1][0][1]

    def test_a_server_beside_the_pod_hands_mail_in(self):
        self.assertEqual(stat.S_IMODE(self.socket.stat().st_mode), 0o660)
        with smtplib.LMTP(str(self.socket)) as client:
            refused = client.sendmail("chris@elsewhere.lab", ["alice@pod.lab", "nobody@pod.lab", "bob@pod.lab"],
                                      b"From: chris@elsewhere.lab\r\nSubject: by lmtp\r\n\r\nhi\r\n")
            self.assertEqual({who: code for who, (code, _) in refused.items()}, {"nobody@pod.lab": 550})
            # One reply for each of the two: the second is still to be read, as smtplib knows of SMTP's one only.
            self.assertEqual(client.getreply()[0], 250)
        for name in ("alice", "bob"):
            self.assertIn(b"with LMTP", self.newest(name))

    def test_a_proxy_says_whom_it_brings(self):
        with contextlib.closing(self.pod.connect("SUBMISSION")) as connection:
            connection.sendall(b"PROXY TCP4 192.0.2.7 192.0.2.1 40000 587\r\n")
            self.assertTrue(connection.recv(100).startswith(b"220 "))
            connection.sendall(b"QUIT\r\n")
            self.assertTrue(connection.recv(100).startswith(b"221 "))
        self.assertIn("peer=192.0.2.7", self.say_something_refused(b"PROXY TCP4 192.0.2.7 192.0.2.1 40000 587\r\n"))
        with contextlib.closing(self.pod.connect("SUBMISSION")) as connection:
            connection.sendall(b"EHLO client.lab\r\n")
            # Closed without a word, over what was not read.
            with contextlib.suppress(ConnectionResetError):
                self.assertEqual(connection.recv(100), b"")

    def say_something_refused(self, header):
        """What the log says of a login that fails."""
        client = smtplib.SMTP()
        client.sock = self.pod.connect("SUBMISSION")
        client.sock.sendall(header)
        client.getreply()
        client._host = "localhost"
        client.starttls(context=self.pod.tls)
        with self.assertRaises(smtplib.SMTPAuthenticationError):
            client.login("alice@pod.lab", "wrong")
        client.quit()
        log = (self.pod.folder / "mailpod.log").read_text().splitlines()
        return next(line for line in reversed(log) if "smtp.login_refused" in line)

    def test_a_proxy_speaks_for_its_client_by_xclient(self):
        with self.pod.exchange() as client:
            client.ehlo()
            self.assertIn("xclient", client.esmtp_features)
            self.assertEqual(client.docmd("XCLIENT", "ADDR=192.0.2.9 HELO=spike.lab NAME=[UNAVAILABLE]")[0], 220)
            client.ehlo()
            client.sendmail("chris@elsewhere.lab", ["alice@pod.lab"], b"From: chris@elsewhere.lab\r\n\r\nxclient\r\n")
        self.assertIn(b"Received: from spike.lab ([192.0.2.9])", self.newest("alice"))


if __name__ == "__main__":
    unittest.main()
