#!/usr/bin/env python3
"""POP3 programs at a pod that serves it: poplib, curl and fetchmail, beside IMAP on the same mail."""

import pathlib
import poplib
import socket
import subprocess
import tempfile
import unittest

import pod

DOMAIN = "pop.example"


class Pop3(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pod = pod.Neighbour(DOMAIN, "alice", "bob")
        cls.plain, cls.tls_port = cls.pod.base + 110, cls.pod.base + 995
        cls.pod.set("listen.pop3", address=pod.HOST, port=cls.plain)
        cls.pod.set("listen.pop3s", address=pod.HOST, port=cls.tls_port)
        cls.pod.start()
        cls.count = 0

    @classmethod
    def tearDownClass(cls):
        cls.pod.remove()

    def setUp(self):
        """A member of their own for each test."""
        Pop3.count += 1
        self.name = f"member{Pop3.count}"
        self.pod.passwords[self.name] = self.pod.newcomer(self.name)

    def send(self, *subjects):
        with self.pod.submission("alice") as client:
            for subject in subjects:
                client.send_message(pod.message(subject, ".a dot\r\n.\r\nlast\r\n", f"alice@{DOMAIN}", f"{self.name}@{DOMAIN}"))
        pod.wait_for(self.pod.imap(self.name), "INBOX", ("SUBJECT", f'"{subjects[-1]}"'))

    def pop(self, name=None, password=None):
        client = poplib.POP3_SSL(pod.HOST, self.tls_port, context=self.pod.tls, timeout=pod.PATIENCE)
        self.addCleanup(client.sock.close)
        client.user(f"{name or self.name}@{DOMAIN}")
        client.pass_(password or self.pod.password(name or self.name))
        return client

    def test_poplib_reads_and_deletes_at_quit(self):
        self.send("first", "second")
        client = poplib.POP3(pod.HOST, self.plain, timeout=pod.PATIENCE)
        self.assertIn("STLS", client.capa())
        with self.assertRaises(poplib.error_proto):
            client.user(f"{self.name}@{DOMAIN}")
        client.stls(self.pod.tls)
        self.assertNotIn("STLS", client.capa())
        client.user(f"{self.name}@{DOMAIN}")
        client.pass_(self.pod.password(self.name))
        self.assertEqual(client.stat()[0], 2)
        octets = client.retr(1)[1]
        self.assertEqual(octets[-3:], [b".a dot", b".", b"last"])
        self.assertIn(b"Subject: first", client.top(1, 0)[1])
        self.assertEqual(sum(len(line) + 2 for line in octets), int(client.list(1).split()[2]))
        client.dele(1)
        watcher = self.pod.imap(self.name)
        self.assertEqual(watcher.select("INBOX")[1][0], b"2")
        client.quit()
        watcher.noop()
        self.assertEqual(watcher.search(None, "SUBJECT", "first")[1][0], b"")
        self.assertEqual(watcher.search(None, "UNSEEN", "SUBJECT", "second")[1][0], b"1")

    def test_a_broken_connection_deletes_nothing(self):
        self.send("kept")
        client = self.pop()
        client.dele(1)
        client.sock.shutdown(socket.SHUT_WR)
        while client.sock.recv(4096):  # until the server has ended the session, too
            pass
        self.assertEqual(self.pop().stat()[0], 1)

    def test_unique_ids_outlive_the_daemon_and_what_imap_expunges(self):
        self.send("one", "two", "three")
        before = {line.split()[0]: line.split()[1] for line in self.pop().uidl()[1]}
        imap = self.pod.imap(self.name)
        imap.select("INBOX")
        imap.store("1", "+FLAGS", r"(\Deleted)")
        imap.expunge()
        self.pod.stop()
        self.pod.start()
        after = [line.split()[1] for line in self.pop().uidl()[1]]
        self.assertEqual(after, [before[b"2"], before[b"3"]])

    def test_curl_lists_reads_and_deletes(self):
        self.send("curled")

        def curl(path, *options):
            return subprocess.run(
                ["curl", "--silent", "--show-error", "--cacert", self.pod.path / "tls/certificate.pem", "--user",
                 f"{self.name}@{DOMAIN}:{self.pod.password(self.name)}", *options, path],
                capture_output=True, text=True, timeout=pod.PATIENCE, check=True).stdout

        over_tls, with_stls = f"pop3s://localhost:{self.tls_port}/", f"pop3://localhost:{self.plain}/"
        self.assertRegex(curl(over_tls), r"^1 \d+\s*$")
        self.assertIn("Subject: curled", curl(with_stls + "1", "--ssl-reqd"))
        self.assertRegex(curl(over_tls, "-X", "UIDL"), r"^1 \d+\.\d+\.\d+\s*$")
        self.assertIn("Subject: curled", curl(over_tls + "1", "--login-options", "AUTH=PLAIN"))
        curl(over_tls + "1", "-X", "DELE", "-l")
        self.assertEqual(curl(over_tls).strip(), "")

    def test_fetchmail_takes_each_message_once(self):
        self.send("fetched 0", "fetched 1")
        with tempfile.TemporaryDirectory() as home:
            folder = pathlib.Path(home)
            taken = folder / "taken"
            rc = folder / "fetchmailrc"
            rc.touch(0o600)
            rc.write_text(f"""set no bouncemail
set idfile "{folder}/ids"
set pidfile "{folder}/pid"
poll localhost protocol POP3 service {self.tls_port} uidl
  user "{self.name}@{DOMAIN}" password "{self.pod.password(self.name)}" ssl sslcertck keep
    sslcertfile "{self.pod.path}/tls/certificate.pem"
  mda "tee -a {taken}"
""")

            def fetchmail():
                return subprocess.run(["fetchmail", "-f", rc, "-v"], capture_output=True, text=True, timeout=pod.PATIENCE,
                                      stdin=subprocess.DEVNULL,
                                      env={"HOME": home, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})

            done = fetchmail()
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            fetchmail()
            self.send("fetched 2")
            fetchmail()
            self.assertEqual(taken.read_text().count("Subject: fetched "), 3)
        self.assertEqual(self.pop().stat()[0], 3)

    def test_a_revoked_password_ends_its_sessions(self):
        own = self.pod.password(self.name) + "\n"
        phone = self.pod.run("app-password", "add", self.name, "phone", "--scopes", "imap", stdin=own).stdout.strip()
        client = self.pop(password=phone)
        client.noop()
        self.pod.run("app-password", "revoke", self.name, "phone", stdin=own)
        client.sock.settimeout(2)
        self.assertTrue(client.file.readline().startswith(b"-ERR [SYS/TEMP]"))
        self.assertEqual(client.file.readline(), b"")

    def test_a_password_that_only_sends_reads_nothing(self):
        own = self.pod.password(self.name) + "\n"
        printer = self.pod.run("app-password", "add", self.name, "printer", "--send-only", stdin=own).stdout.strip()
        with self.assertRaisesRegex(poplib.error_proto, r"\[AUTH\]"):
            self.pop(password=printer)
        self.assertIn("info login.failed protocol=pop3s client=", (self.pod.folder / "mailpod.log").read_text())


if __name__ == "__main__":
    unittest.main()
