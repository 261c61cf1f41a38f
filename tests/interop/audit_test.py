#!/usr/bin/env python3
"""The audit log of a pod that runs: what it says, who signs it, and that a copy tells what was done to it."""

import imaplib
import json
import pathlib
import shutil
import signal
import subprocess
import unittest

import pod


class Audit(unittest.TestCase):
    def setUp(self):
        self.pod = pod.Neighbour("pod.lab", "alice")
        self.addCleanup(self.pod.remove)
        self.pod.start()

    def entries(self):
        return json.loads(self.pod.run("--json", "audit", "show", "--last", "1000").stdout)["entries"]

    def kinds(self):
        return [entry["kind"] for entry in self.entries()]

    def verify(self, *arguments):
        return self.pod.run("audit", "verify", *map(str, arguments), check=False)

    def copy(self):
        place = self.pod.folder / "copy"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        for folder in ("audit", "governance"):
            shutil.copytree(self.pod.path / folder, place / folder)
        return place

    def segment(self, place):
        return max((place / "audit").glob("*.log"))

    def test_a_run_stands_in_it_from_start_to_stop(self):
        client = self.pod.imap("alice")
        client.logout()
        with self.assertRaises(imaplib.IMAP4.error):
            self.pod.imap("alice", "wrong")
        self.pod.stop()
        entries = self.entries()
        by_kind = {entry["kind"]: entry["fields"] for entry in entries}
        self.assertEqual(by_kind["start"]["after"], "first")
        self.assertEqual(entries[-1]["kind"], "stop")
        self.assertEqual(by_kind["logins"]["count"], "imaps:1")
        self.assertEqual(by_kind["refused-logins"]["count"], "imaps:1")
        self.assertEqual(by_kind["record"]["type"], "act:admit")
        report = json.loads(self.pod.run("--json", "member", "data-report", "alice",
                                         stdin=self.pod.password("alice") + "\n").stdout)
        self.assertEqual(by_kind["logins"]["member"], report["audit_mark"])
        self.assertIn("logins", [entry["kind"] for entry in report["audit"]])
        octets = b"".join(path.read_bytes() for path in (self.pod.path / "audit").iterdir())
        for word in (b"alice", b"127.0.0.1", self.pod.password("alice").encode()):
            self.assertNotIn(word, octets)
        self.assertEqual(self.verify().returncode, 0)

    def test_a_kill_is_told_by_the_next_start(self):
        self.pod.stop(signal.SIGKILL)
        self.pod.start()
        starts = [entry["fields"]["after"] for entry in self.entries() if entry["kind"] == "start"]
        self.assertEqual(starts, ["first", "kill"])
        self.assertEqual(self.verify().returncode, 0)

    def test_changed_settings_are_named(self):
        self.pod.set("messages", hops=77)
        self.pod.run("reload")
        last = self.entries()[-1]
        self.assertEqual((last["kind"], last["fields"]["changed"]), ("configuration", "messages.hops"))
        self.pod.stop()
        self.pod.set("messages", hops=78)
        self.pod.start()
        self.assertEqual(self.entries()[-1]["fields"]["changed"], "messages.hops")

    def test_whatever_is_done_to_a_copy_is_named(self):
        self.pod.run("app-password", "add", "alice", "laptop", stdin=self.pod.password("alice") + "\n")
        self.assertEqual(self.verify(self.copy()).returncode, 0)
        copy = self.copy()
        lines = self.segment(copy).read_bytes().splitlines(keepends=True)
        self.segment(copy).write_bytes(b"".join(lines[:1] + lines[2:]))
        done = self.verify(copy)
        self.assertEqual(done.returncode, 1)
        self.assertIn("entry 2 was taken out", done.stdout)
        copy = self.copy()
        self.segment(copy).write_bytes(b"".join(lines).replace(b"by=uid:", b"by=uid:1", 1))
        self.assertRegex(self.verify(copy).stdout, r"entry \d+ is not what was written")

    def test_what_a_maintainer_signed_root_cannot_cut_off(self):
        kept = self.pod.folder / "kept"
        self.pod.as_maintainer("audit", "sign", "--output", str(kept))
        self.assertEqual(self.kinds()[-1], "countersigned")
        verified = self.verify("--since", kept)
        self.assertEqual(verified.returncode, 0, verified.stdout)
        self.assertIn("countersigned a checkpoint of", verified.stdout)
        copy = self.copy()
        lines = self.segment(copy).read_bytes().splitlines(keepends=True)
        self.segment(copy).write_bytes(b"".join(lines[:1]))
        for path in (copy / "audit").iterdir():
            if path.suffix != ".log":
                path.unlink()
        self.assertEqual(self.verify(copy).returncode, 0, "the chain alone does not tell")
        done = self.verify(copy, "--since", kept)
        self.assertEqual(done.returncode, 1)
        self.assertIn("cut off", done.stdout)

    def test_it_can_be_signed_by_minisign_elsewhere(self):
        shown = json.loads(self.pod.run("--json", "audit", "sign").stdout)
        file = self.pod.folder / "checkpoint"
        file.write_text(shown["octets"])
        subprocess.run(["minisign", "-S", "-W", "-m", str(file), "-s", str(self.pod.folder / "maintainer"), "-t",
                        shown["comment"]], check=True, capture_output=True, stdin=subprocess.DEVNULL)
        self.pod.run("audit", "sign", "--entries", str(shown["entries"]), "--signature", str(file) + ".minisig")
        self.assertIn("countersigned a checkpoint of", self.verify().stdout)

    def test_what_is_cut_off_behind_the_pods_back_stays_a_hole(self):
        self.pod.stop()
        segment = self.segment(self.pod.path)
        segment.write_bytes(b"".join(segment.read_bytes().splitlines(keepends=True)[:-2]))
        for path in (self.pod.path / "audit").glob("*.checkpoint"):
            path.unlink()
        self.pod.start()
        self.assertIn("broken", self.kinds())
        done = self.verify()
        self.assertEqual(done.returncode, 1)
        self.assertIn("taken out", done.stdout)


if __name__ == "__main__":
    unittest.main()
