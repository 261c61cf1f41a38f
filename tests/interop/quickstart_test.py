#!/usr/bin/env python3
"""packaging/quickstart.sh, as a newcomer uses it."""

import pathlib
import socket
import stat
import subprocess
import shutil
import tempfile
import unittest

import pod


class Quickstart(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mailpod-"))
        self.base = str(pod.free_port_base())

    def tearDown(self):
        pod.quickstart(self.folder, "--stop", check=False)
        shutil.rmtree(self.folder)

    def test_once_sends_reads_back_and_stops(self):
        done = pod.quickstart(self.folder, "--once", "--port-base", self.base)
        self.assertIn("octets equal", done.stdout)
        self.assertFalse(pathlib.Path("/proc", pod.settings_of(self.folder)["PID"]).exists())
        sent = (self.folder / "sent.eml").read_bytes()
        self.assertTrue((self.folder / "received.eml").read_bytes().endswith(sent))

    def test_a_second_run_uses_the_same_pod(self):
        pod.quickstart(self.folder, "--once", "--port-base", self.base)
        first = pod.settings_of(self.folder)["ALICE_PASSWORD"]
        pod.quickstart(self.folder, "--once", "--port-base", self.base, "--members", "3")
        self.assertEqual(pod.settings_of(self.folder)["ALICE_PASSWORD"], first)
        listed = (self.folder / "members.tsv").read_text()
        self.assertEqual([line.split("@")[0] for line in listed.splitlines()[1:]], ["alice", "bob", "u1", "u2", "u3"])

    def test_what_lies_beside_the_pod_is_for_its_owner_and_says_what_it_is(self):
        pod.quickstart(self.folder, "--once", "--port-base", self.base)
        for name in ("maintainer", "quickstart.env", "members.tsv"):
            path = self.folder / name
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600, name)
            self.assertIn("real pod", path.read_text().splitlines()[0], name)

    def test_a_busy_port_is_named(self):
        with socket.socket() as busy:
            busy.bind((pod.HOST, int(self.base) + 143))
            busy.listen()
            done = pod.quickstart(self.folder, "--once", "--port-base", self.base, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(f"port {int(self.base) + 143} is taken", done.stdout)

    def test_an_interrupted_first_run_starts_over_but_a_pod_of_others_is_left_alone(self):
        pod.quickstart(self.folder, "--once", "--port-base", self.base)
        passwords = self.folder / "members.tsv"
        kept = passwords.read_text()
        passwords.write_text(kept.splitlines()[0] + "\n")
        self.assertIn("starting over", pod.quickstart(self.folder, "--once", "--port-base", self.base).stdout)
        passwords.unlink()
        before = (self.folder / "pod/mailpod.toml").read_bytes()
        done = pod.quickstart(self.folder, "--once", "--port-base", "40000", check=False)
        self.assertIn("quickstart did not make", done.stdout)
        self.assertEqual((self.folder / "pod/mailpod.toml").read_bytes(), before)

    def test_detach_leaves_it_running_until_stop(self):
        pod.quickstart(self.folder, "--detach", "--port-base", self.base)
        process = pod.settings_of(self.folder)["PID"]
        self.assertTrue(pathlib.Path("/proc", process).exists())
        again = pod.quickstart(self.folder, "--once", "--port-base", self.base, check=False)
        self.assertIn("is running already", again.stdout)
        pod.quickstart(self.folder, "--stop")
        self.assertFalse(pathlib.Path("/proc", process).exists())

    def test_minisign_verifies_the_charter(self):
        pod.quickstart(self.folder, "--once", "--port-base", self.base)
        governance = self.folder / "pod/governance"
        signature = next(governance.glob("charter-0001.*.minisig"))
        subprocess.run(["minisign", "-Vm", governance / "charter-0001.toml", "-x", signature, "-p",
                        self.folder / "maintainer.pub"], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    unittest.main()
