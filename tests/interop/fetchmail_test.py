#!/usr/bin/env python3
"""fetchmail brings a mailbox to a program, and removes what it took only after that program took it."""

import pathlib
import subprocess
import tempfile
import unittest

import pod


class Fetchmail(pod.OnePod):
    def setUp(self):
        self.home = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.home.name)

    def tearDown(self):
        self.home.cleanup()

    def fetchmail(self, program, *options):
        rc = self.folder / "fetchmailrc"
        rc.touch(0o600)
        rc.write_text(f"""set no bouncemail
set idfile "{self.folder}/ids"
set pidfile "{self.folder}/pid"
poll localhost protocol IMAP service {self.pod.port("IMAPS")}
  user "bob@pod.lab" password "{self.pod.password("bob")}" ssl sslcertck
    sslcertfile "{self.pod.path}/tls/certificate.pem"
  mda "{program}" {" ".join(options)}
""")
        return subprocess.run(["fetchmail", "-f", rc, "-v"], capture_output=True, text=True, timeout=pod.PATIENCE,
                              stdin=subprocess.DEVNULL,
                              env={"HOME": str(self.folder), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})

    def inbox(self):
        client = self.pod.imap("bob")
        return int(client.select("INBOX")[1][0])

    def test_what_the_program_took_is_gone_and_what_it_refused_stays(self):
        with self.pod.submission("alice") as client:
            for number in range(3):
                client.send_message(pod.message(f"fetched {number}"))
        pod.wait_for(self.pod.imap("bob"), "INBOX", ("SUBJECT", '"fetched 2"'))
        before = self.inbox()

        refused = self.fetchmail("false", "fetchall")
        self.assertIn("not flushed", refused.stdout)
        self.assertEqual(self.inbox(), before)

        taken = self.folder / "taken"
        done = self.fetchmail(f"tee -a {taken}", "fetchall")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(taken.read_text().count("Subject: fetched "), 3)
        self.assertEqual(self.inbox(), 0)

        self.assertEqual(self.fetchmail(f"tee -a {taken}").returncode, 1)  # no mail


if __name__ == "__main__":
    unittest.main()
