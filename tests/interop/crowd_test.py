#!/usr/bin/env python3
"""Hundreds of connections that say an octet now and then: who has work to do hardly notices. And a daemon whose
descriptors run out: it waits for better times without spinning, and serves again once some are free."""

import contextlib
import pathlib
import smtplib
import subprocess
import time
import unittest

import dawdlers
import pod

# Seconds more than alone, half of the time: the slowest of all depends on what else the machine does, and is
# measured by tests/bench/crowd.py.
PATIENCE_BESIDE = 0.1


class Crowd(unittest.TestCase):
    def setUp(self):
        self.pod = pod.Neighbour("pod.lab", "alice", "bob")
        self.addCleanup(self.pod.remove)

    def test_hundreds_of_dawdlers_slow_nobody_down(self):
        self.pod.start()
        alone = dawdlers.Neighbour(self.pod)
        alone.work(25)
        crowd = dawdlers.Crowd(self.pod, 400, 0.5)
        beside = dawdlers.Neighbour(self.pod)
        beside.work(25)
        tally = crowd.go()
        self.assertGreater(tally["octets"], 400)
        for what in alone.waits:
            self.assertLess(beside.percentile(what, 50), alone.percentile(what, 50) + PATIENCE_BESIDE,
                            f"{what}; alone: {alone}; beside: {beside}")


class Descriptors(unittest.TestCase):
    FEW = 256

    def setUp(self):
        self.pod = pod.Neighbour("pod.lab", "alice")
        self.addCleanup(self.pod.remove)
        self.pod.set("listen.smtp", connections_per_address=5000)
        self.pod.start()
        # As under a service manager that is sparing with them.
        subprocess.run(["prlimit", f"--nofile={self.FEW}:{self.FEW}", "--pid", str(self.pod.serving.pid)], check=True)
        self.held = contextlib.ExitStack()
        self.addCleanup(self.held.close)

    def cpu(self):
        """Seconds that the daemon has used."""
        fields = pathlib.Path(f"/proc/{self.pod.serving.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / 100

    def open_descriptors(self):
        return len(list(pathlib.Path(f"/proc/{self.pod.serving.pid}/fd").iterdir()))

    def use_them_up(self):
        while self.open_descriptors() < self.FEW:
            self.held.enter_context(self.pod.connect("SMTP"))
            time.sleep(0.001)
        for _ in range(20):
            self.held.enter_context(self.pod.connect("SMTP"))  # in the kernel's queue

    def test_that_run_out_cost_no_cpu_and_come_back(self):
        session = self.pod.imap("alice")
        session.select("INBOX")
        early = self.pod.exchange()
        early.ehlo()
        self.held.callback(early.close)
        self.use_them_up()
        before = self.cpu()
        time.sleep(1)
        self.assertLess(self.cpu() - before, 0.3)
        self.assertEqual(session.noop()[0], "OK")
        with self.assertRaises(smtplib.SMTPDataError) as put_off:
            early.sendmail("a@elsewhere.lab", ["alice@pod.lab"], pod.message().as_bytes())
        self.assertEqual((put_off.exception.smtp_code, put_off.exception.smtp_error.split()[0]), (451, b"4.3.0"))
        self.held.close()
        with self.pod.exchange() as late:
            late.sendmail("a@elsewhere.lab", ["alice@pod.lab"], pod.message("late").as_bytes())
        self.assertEqual(pod.wait_for(session, "INBOX", ("SUBJECT", "late")), [b"1"])
        self.assertEqual(self.pod.run("health").returncode, 0)


if __name__ == "__main__":
    unittest.main()
