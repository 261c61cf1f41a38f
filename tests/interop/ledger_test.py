#!/usr/bin/env python3
"""The ledger: an independent checker finds it sound, whatever is done to a copy is named, and pods witness each other."""

import json
import pathlib
import shutil
import unittest

import ledger_checker
import pod


class Ledger(pod.OnePod):
    def show(self):
        return json.loads(self.pod.run("--json", "ledger", "show").stdout)

    def verify(self, *arguments, check=False):
        return self.pod.run("ledger", "verify", *map(str, arguments), check=check)

    def copy(self):
        place = self.pod.folder / f"copy-{self.id()}"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.pod.path / "governance", place)
        return place

    def test_an_independent_checker_finds_every_act_in_it(self):
        self.pod.newcomer("dora")
        shown = self.show()
        key = ledger_checker.Verifier(shown["key"])
        origin, _, entries = ledger_checker.check(self.pod.path / "governance/ledger", key)
        self.assertEqual(origin, "pod.lab/ledger")
        acts = sorted((self.pod.path / "governance/acts").glob("*.entry"))
        self.assertEqual(entries[1:], [act.read_bytes() for act in acts])
        self.assertIn((self.pod.path / "governance/charter-0001.toml").read_bytes(), entries[0])
        for index, entry in enumerate(entries):
            proof = self.pod.run("ledger", "prove", str(index)).stdout
            self.assertEqual(ledger_checker.check_inclusion(proof, entry, key), index)

    def test_what_is_done_to_a_copy_is_named(self):
        self.assertEqual(self.verify().returncode, 0)
        copy = self.copy()
        self.assertEqual(self.verify(copy).returncode, 0)
        (copy / "acts/000002.entry").unlink()
        done = self.verify(copy)
        self.assertEqual(done.returncode, 1)
        self.assertIn("acts/000002.entry: is missing: it is leaf 2", done.stdout)
        copy = self.copy()
        bundle = max((copy / "ledger/tile/entries/000.p").iterdir(), key=lambda path: int(path.name))
        octets = bytearray(bundle.read_bytes())
        octets[-1] ^= 1
        bundle.write_bytes(octets)
        last = int(bundle.name) - 1
        self.assertIn(f"leaf {last} is not what was entered", self.verify(copy).stdout)

    def test_a_member_finds_their_own_admission(self):
        self.pod.newcomer("erin")
        salt = json.loads(self.pod.run("--json", "member", "show", "erin").stdout)["salt"]
        copy = self.copy()
        found = self.verify(copy, "--address", "erin@pod.lab", "--salt", salt)
        self.assertEqual(found.returncode, 0, found.stdout)
        self.assertRegex(found.stdout, r"leaf \d+ commits to erin@pod.lab")
        self.assertEqual(self.verify(copy, "--address", "frank@pod.lab", "--salt", salt).returncode, 1)

    def test_an_older_copy_than_was_seen_is_noticed(self):
        before = self.copy()
        self.pod.newcomer("gina")
        seen = self.pod.folder / "seen"
        shutil.copy(self.pod.path / "governance/ledger/checkpoint", seen)
        self.assertEqual(self.verify("--since", seen).returncode, 0)
        self.assertEqual(self.verify("--since", before / "ledger/checkpoint").returncode, 0)
        older = self.verify(before, "--since", seen)
        self.assertEqual(older.returncode, 1)
        self.assertIn("the pod signed", older.stdout)

    def test_a_pod_without_a_ledger_gets_the_same_again(self):
        root = self.show()["checkpoint"].splitlines()[:3]
        self.pod.stop()
        shutil.rmtree(self.pod.path / "governance/ledger")
        self.pod.start()
        self.assertEqual(self.show()["checkpoint"].splitlines()[:3], root)


class Witnesses(unittest.TestCase):
    def test_one_pod_cosigns_the_ledger_of_another(self):
        one, other = pod.Pod(), pod.Pod()
        try:
            checkpoint, proof, cosigned = (one.folder / name for name in ("checkpoint", "proof", "cosigned"))
            published = one.path / "governance/ledger/checkpoint"
            shutil.copy(published, checkpoint)
            key = json.loads(one.run("--json", "ledger", "show").stdout)["key"]
            witness_key = json.loads(other.run("--json", "ledger", "show").stdout)["witness_key"]
            refused = other.run("ledger", "witness", str(checkpoint), check=False)
            self.assertIn("--key", refused.stderr)
            other.run("ledger", "witness", str(checkpoint), "--key", key)
            one.newcomer("heidi")
            size = checkpoint.read_text().splitlines()[1]
            proof.write_text(one.run("ledger", "prove", "--since", size).stdout)
            shutil.copy(published, checkpoint)
            cosigned.write_text(other.run("ledger", "witness", str(checkpoint), str(proof)).stdout)
            one.run("ledger", "cosign-add", str(cosigned), "--witness", witness_key)
            self.assertEqual(published.read_text(), cosigned.read_text())
            text, seconds = ledger_checker.Verifier(witness_key).signed(published.read_text())
            self.assertEqual(text.splitlines()[0], "pod.lab/ledger")
            self.assertGreater(seconds, 1_600_000_000)
            verified = one.run("ledger", "verify", "--witness", witness_key)
            self.assertIn("cosigned", verified.stdout)
        finally:
            one.remove()
            other.remove()


class Frozen(unittest.TestCase):
    def test_the_ledger_of_version_1_is_sound(self):
        folder = pathlib.Path(__file__).resolve().parents[1] / "formats/ledger-1"
        key = ledger_checker.Verifier((folder / "key").read_text().strip())
        _, _, entries = ledger_checker.check(folder, key)
        self.assertEqual(len(entries), 5)


if __name__ == "__main__":
    unittest.main()
