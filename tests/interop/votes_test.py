#!/usr/bin/env python3
"""Votes on a pod that serves: every key and every signature is made by Debian's minisign, and what was decided holds at once."""

import datetime
import hashlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

import ledger_checker
import pod
import vote_checker

VOTERS = ("alice", "bob", "carl")


def stamp(seconds=0):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def charter(key, votes="notice_days = 0\n"):
    return (f'type = "charter"\npod = "pod.lab"\nseq = 1\nissued = {stamp(-60)}\neffective = {stamp(-60)}\n'
            f'expires = {stamp(86400 * 300)}\nthreshold = 1\n\n[[maintainers]]\nname = "Founder"\nkey = "{key}"\n'
            f'from = {stamp(-60)}\nto = {stamp(86400 * 300)}\n\n[members]\njoin = "invitation"\n\n[votes]\n{votes}')


class Commons(pod.Neighbour):
    """A pod whose founders, members and candidates have made their keys by minisign."""

    def __init__(self, votes="notice_days = 0\n"):
        self.domain = "pod.lab"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mailpod-"))
        self.path = self.folder / "pod"
        self.base = pod.free_port_base()
        self.clients = []
        self.serving = None
        for name in ("maintainer", "ada", *VOTERS):
            self.make_key(name)
        first = self.folder / "first.toml"
        first.write_text(charter(self.key("maintainer"), votes))
        self.sign(first, "maintainer", f"mailpod charter pod=pod.lab seq=1 sha256={self.sha256(first)}")
        subprocess.run([pod.MAILPOD, "init", str(self.path), "--domain", "pod.lab", "--charter", str(first)], check=True,
                       capture_output=True, timeout=pod.PATIENCE)
        for section, offset in zip(("smtp", "submission", "submissions", "imap", "imaps"), pod.OFFSETS):
            self.set("listen." + section, address=pod.HOST, port=self.base + offset)
        with socket.socket() as found:
            found.bind((pod.HOST, 0))
            self.door = found.getsockname()[1]
        self.set("listen.members", address=pod.HOST, port=self.door)
        self.start()

    def register(self):
        for name in VOTERS:
            self.as_maintainer("member", "admit", name)
            self.as_maintainer("member", "citizen-key", name, "--key", str(self.folder / f"{name}.pub"))

    def minisign(self, *arguments):
        subprocess.run(["minisign", *map(str, arguments)], check=True, capture_output=True, timeout=pod.PATIENCE)

    def make_key(self, name):
        self.minisign("-G", "-W", "-f", "-p", self.folder / f"{name}.pub", "-s", self.folder / name)

    def key(self, name):
        return (self.folder / f"{name}.pub").read_text().splitlines()[1]

    def sha256(self, path):
        return hashlib.sha256(path.read_bytes()).hexdigest()

    def sign(self, path, name, comment):
        self.minisign("-S", "-m", path, "-s", self.folder / name, "-t", comment)

    def json(self, *arguments):
        return json.loads(self.run("--json", *arguments).stdout)

    def signed_by(self, name, *arguments, check=True):
        return self.run(*arguments, "--maintainer-key", str(self.folder / name), check=check)

    def open(self, *arguments, seconds=4):
        opened = self.as_maintainer("--json", "vote", "open", *arguments, "--title", "A vote", "--closes", stamp(seconds))
        return json.loads(opened.stdout)["vote"]

    def ballot(self, vote, name, *choice):
        """As a voter makes it who trusts minisign alone with the key."""
        path = self.folder / f"ballot-{name}.toml"
        made = self.json("vote", "ballot", vote, *choice, "--out", str(path))
        self.sign(path, name, made["trusted_comment"])
        return path

    def cast(self, vote, name, *choice, check=True):
        return self.run("--json", "vote", "cast", str(self.ballot(vote, name, *choice)), check=check)

    def result(self, vote):
        """Once the vote is over."""
        deadline = time.monotonic() + pod.PATIENCE
        while time.monotonic() < deadline:
            closed = self.run("--json", "vote", "close", vote, check=False)
            if closed.returncode == 0:
                return json.loads(closed.stdout)["result"]
            if "still open" not in closed.stderr:
                raise AssertionError(closed.stderr)
        raise AssertionError("the vote never ends")

    def copy(self):
        place = self.folder / "copy"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.path / "governance", place)
        return place


class Votes(unittest.TestCase):
    def setUp(self):
        self.pod = Commons()
        self.addCleanup(self.pod.remove)
        self.pod.register()

    def refused(self, *arguments):
        done = self.pod.run(*arguments, check=False)
        self.assertEqual(done.returncode, 1, done.stdout)
        return done.stderr

    def test_whoever_is_elected_is_in_office_at_once(self):
        vote = self.pod.open("election", "--candidate", f"ada={self.pod.folder / 'ada.pub'}=Ada")
        self.assertIn("choice", self.pod.json("vote", "show", vote[:8]))
        for name in ("alice", "bob"):
            cast = json.loads(self.pod.cast(vote, name, "--approve", "ada").stdout)
            self.assertIn('type = "ballot"', self.leaf(cast["leaf"]))
        self.pod.cast(vote, "carl", "--approve", "none")
        self.assertIn("still open", self.refused("vote", "close", vote))
        key = self.pod.json("ledger", "show")["key"]
        self.assertEqual(self.pod.json("vote", "count", vote, "--key", key)["result"]["counted"], 3)
        result = self.pod.result(vote)
        self.assertEqual(result, {"counted": 3, "quorum": True, "passed": True,
                                  "options": [{"option": "ada", "votes": 2, "elected": True}]})
        # Nothing was restarted.
        refused = self.pod.signed_by("maintainer", "member", "suspend", "carl", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("no maintainer's", refused.stderr)
        self.pod.signed_by("ada", "member", "suspend", "carl")
        self.assertIn("Ada", self.pod.run("charter", "explain").stdout)
        self.check_next_charter()
        self.check_copy(vote, key)
        self.pod.stop()
        self.pod.start()
        self.pod.signed_by("ada", "member", "reinstate", "carl")
        self.assertEqual(self.pod.json("vote", "list")["votes"][0]["state"], "decided")

    def leaf(self, number):
        return (self.pod.path / f"governance/acts/{number:06}.entry").read_bytes().decode("utf-8", "replace")

    def check_next_charter(self):
        """The charter that follows is the elected one's."""
        draft = self.pod.folder / "charter-0002.toml"
        draft.write_text(self.pod.run("charter", "new").stdout)
        self.assertIn(self.pod.key("ada"), draft.read_text())
        self.assertNotIn(self.pod.key("maintainer"), draft.read_text())
        comment = f"mailpod charter pod=pod.lab seq=2 sha256={self.pod.sha256(draft)}"
        self.pod.sign(draft, "maintainer", comment)
        self.assertIn("no maintainer's", self.refused("charter", "accept", str(draft)))
        self.pod.sign(draft, "ada", comment)
        self.pod.run("charter", "accept", str(draft))

    def check_copy(self, vote, key):
        copy = self.pod.copy()
        pin = ("--key", key, "--charter", self.pod.sha256(self.pod.folder / "first.toml"))
        self.assertIn("OK", self.pod.run("ledger", "verify", str(copy), *pin).stdout)
        alone = self.pod.run("vote", "verify", str(copy / "ledger"), *pin).stdout
        self.assertIn("passed", alone)
        self.assertIn("votes of pod.lab/ledger recounted: 1", alone)
        counted = json.loads(self.pod.run("--json", "vote", "count", vote[:12], str(copy), *pin).stdout)
        self.assertTrue(counted["sound"])
        entries = ledger_checker.check(copy / "ledger", ledger_checker.Verifier(key))[2]
        by_ballots, by_result = vote_checker.count(entries)[vote]
        self.assertEqual(by_ballots, by_result, "another count comes to the same")
        self.assertEqual(by_ballots, {"counted": 3, "members": 3, "votes": {"ada": 2}})
        ballot = next(path for path in sorted((copy / "acts").iterdir()) if b'approve = ["ada"]' in path.read_bytes())
        ballot.write_bytes(ballot.read_bytes().replace(b'["ada"]', b'["bob"]'))
        altered = self.pod.run("vote", "verify", str(copy), *pin, check=False)
        self.assertEqual(altered.returncode, 1)
        self.assertIn("is not leaf", altered.stderr)

    def test_an_amendment_is_accepted_once_the_members_voted_for_it(self):
        draft = self.pod.folder / "charter-0002.toml"
        draft.write_text(self.pod.run("charter", "new").stdout.replace("quorum_percent = 50", "quorum_percent = 30"))
        self.pod.sign(draft, "maintainer", f"mailpod charter pod=pod.lab seq=2 sha256={self.pod.sha256(draft)}")
        self.assertIn("needs an accepted vote result", self.refused("charter", "accept", str(draft)))
        vote = self.pod.open("amendment", str(draft))
        for name, answer in zip(VOTERS, ("no", "yes", "yes")):
            self.pod.cast(vote, name, "--answer", answer)
        self.assertIn("needs an accepted vote result", self.refused("charter", "accept", str(draft)))
        result = self.pod.result(vote)
        self.assertFalse(result["passed"], "two of three are less than 67 %")
        self.assertIn("needs an accepted vote result", self.refused("charter", "accept", str(draft)))
        vote = self.pod.open("amendment", str(draft))
        for name in VOTERS:
            self.pod.cast(vote, name, "--answer", "yes")
        self.assertTrue(self.pod.result(vote)["passed"])
        self.assertIn("OK", self.pod.run("charter", "verify", str(draft)).stdout)
        self.pod.run("charter", "accept", str(draft))

    def test_each_ballot_that_is_refused_is_told_why(self):
        vote = self.pod.open("amendment", str(self.pod.folder / "first.toml"), seconds=6)
        good = self.pod.ballot(vote, "alice", "--answer", "yes")
        self.assertEqual(self.pod.run("vote", "cast", str(good)).returncode, 0)
        self.assertIn("was cast already", self.refused("vote", "cast", str(good)))
        self.assertIn("no member's citizen key", self.refused("vote", "cast", str(self.pod.ballot(vote, "ada", "--answer", "no"))))
        altered = self.pod.ballot(vote, "bob", "--answer", "yes")
        altered.write_text(altered.read_text().replace('"yes"', '"no"'))
        self.assertIn("does not fit these octets", self.refused("vote", "cast", str(altered)))
        self.assertIn("answer yes, no or abstain", self.refused("vote", "ballot", vote, "--approve", "ada"))
        unsigned = self.pod.folder / "unsigned.toml"
        self.pod.run("vote", "ballot", vote, "--answer", "no", "--out", str(unsigned))
        self.assertIn("minisign -Sm", self.refused("vote", "cast", str(unsigned)))
        relabelled = self.pod.ballot(vote, "bob", "--answer", "yes")
        self.pod.sign(relabelled, "bob", "yes")
        self.assertIn("was made for another file", self.refused("vote", "cast", str(relabelled)))
        late = self.pod.ballot(vote, "bob", "--answer", "yes")
        self.assertEqual(self.pod.result(vote)["counted"], 1)
        self.assertIn("was open from", self.refused("vote", "cast", str(late)))

    def test_a_member_votes_from_elsewhere(self):
        vote = self.pod.open("amendment", str(self.pod.folder / "first.toml"), seconds=30)
        home = pathlib.Path(tempfile.mkdtemp(prefix="member-"))
        self.addCleanup(shutil.rmtree, home)
        shutil.copy(self.pod.path / "tls/certificate.pem", home / "pod.pem")
        shutil.copy(self.pod.folder / "bob", home / "citizen")
        there = {"PATH": os.environ["PATH"], "MAILPOD_AT": f"localhost:{self.pod.door}", "MAILPOD_CA": str(home / "pod.pem")}

        def at(*arguments):
            return subprocess.run([pod.MAILPOD, *arguments], cwd=home, env=there, text=True, capture_output=True,
                                  stdin=subprocess.DEVNULL, timeout=pod.PATIENCE)

        self.assertIn("A vote", at("vote", "list").stdout)
        made = at("vote", "ballot", vote[:16], "--answer", "no", "--citizen-key", "citizen")
        self.assertEqual(made.returncode, 0, made.stderr)
        cast = at("vote", "cast", made.stdout.strip())
        self.assertEqual(cast.returncode, 0, cast.stderr)
        self.assertRegex(cast.stdout, r"leaf \d+ of the ledger")
        self.assertNotEqual(at("vote", "close", vote).returncode, 0)

    def test_maintainers_sign_an_opening_elsewhere(self):
        made = self.pod.run("vote", "open", "expulsion", "carl", "--title", "On carl", "--days", "3", "--draft")
        vote = self.pod.folder / "vote.toml"
        vote.write_text(made.stdout)
        self.assertIn("is not signed", self.refused("vote", "open", "file", str(vote)))
        comment = f"mailpod vote pod=pod.lab seq=1 sha256={self.pod.sha256(vote)}"
        self.assertIn(comment, made.stderr)
        self.pod.sign(vote, "maintainer", comment)
        opened = self.pod.json("vote", "open", "file", str(vote))
        self.assertEqual(opened["vote"], self.pod.sha256(vote))


if __name__ == "__main__":
    unittest.main()
