#!/usr/bin/env python3
"""The life of a community: three found a pod, twenty live in it, and one of the three tries every short cut. Every key and
signature is made by Debian's minisign; maintainers and voters send theirs by mail; the daemon ends and begins at every step."""

import datetime
import email
import email.message
import email.policy
import hashlib
import json
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import pod

FOUNDERS = ("ada", "bea", "cyd")
EVERYBODY = 20

# Every program that it is loaded into takes the wall clock to be as many seconds off as the file says.
CLOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static long offset(void) {
  const char* path = getenv("CLOCK_OFFSET");
  FILE* file = path ? fopen(path, "re") : NULL;
  long seconds = 0;
  if (file && fscanf(file, "%ld", &seconds) != 1) seconds = 0;
  if (file) fclose(file);
  return seconds;
}

int clock_gettime(clockid_t id, struct timespec* now) {
  static int (*real)(clockid_t, struct timespec*);
  if (!real) real = (int (*)(clockid_t, struct timespec*))dlsym(RTLD_NEXT, "clock_gettime");
  const int answer = real(id, now);
  if (answer == 0 && id == CLOCK_REALTIME) now->tv_sec += offset();
  return answer;
}
"""


def stamp(seconds=0):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


class Community(pod.Neighbour):
    def __init__(self):
        self.domain = "pod.lab"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mailpod-"))
        self.path = self.folder / "pod"
        self.base = pod.free_port_base()
        self.clients = []
        self.passwords = {}
        self.serving = None
        self.clock = self.folder / "clock"
        self.clock.write_text("0")
        (self.folder / "clock.c").write_text(CLOCK)
        subprocess.run(["clang-19", "-shared", "-fPIC", "-o", self.folder / "clock.so", self.folder / "clock.c", "-ldl"], check=True,
                       timeout=pod.PATIENCE)

    def minisign(self, *arguments):
        subprocess.run(["minisign", *map(str, arguments)], check=True, capture_output=True, timeout=pod.PATIENCE)

    def make_key(self, name):
        self.minisign("-G", "-W", "-f", "-p", self.folder / f"{name}.pub", "-s", self.folder / name)

    def key(self, name):
        return (self.folder / f"{name}.pub").read_text().splitlines()[1]

    def sign(self, path, name, comment, signature=None):
        signature = signature or pathlib.Path(f"{path}.{name}.minisig")
        self.minisign("-S", "-m", path, "-s", self.folder / name, "-t", comment, "-x", signature)
        return signature

    def sha256(self, path):
        return hashlib.sha256(path.read_bytes()).hexdigest()

    def json(self, *arguments, **more):
        return json.loads(self.run("--json", *arguments, **more).stdout)

    def with_keys(self, *names):
        return [word for name in names for word in ("--maintainer-key", str(self.folder / name))]

    def start(self):
        """Under a clock that the test can set."""
        before = subprocess.Popen

        def begin(*arguments, **more):
            more["env"] = {**pod.os.environ, "LD_PRELOAD": str(self.folder / "clock.so"), "CLOCK_OFFSET": str(self.clock)}
            return before(*arguments, **more)

        pod.subprocess.Popen = begin
        try:
            super().start()
        finally:
            pod.subprocess.Popen = before

    def restart(self):
        self.stop(signal.SIGKILL if self.serving.pid % 2 else signal.SIGTERM)
        self.start()

    def mail(self, *paths, sender="somebody@other.example", member=None):
        """As another server brings it, from whoever it says; or as a member hands it in."""
        sender = f"{member}@pod.lab" if member else sender
        out = email.message.EmailMessage(email.policy.SMTP)
        out["From"], out["To"], out["Subject"] = sender, "governance@pod.lab", "signed"
        out.set_content("See what is attached.\n")
        for path in paths:
            out.add_attachment(pathlib.Path(path).read_bytes(), maintype="application", subtype="octet-stream",
                               filename=pathlib.Path(path).name)
        with self.submission() if member else self.exchange() as server:
            if member:
                server.login(sender, self.passwords[member])
            server.send_message(out, sender, ["governance@pod.lab"])

    def leaves(self):
        return self.json("ledger", "show")["leaves"]

    def inbox(self, name):
        with self.imap() as client:
            client.login(f"{name}@pod.lab", self.passwords[name])
            client.select("INBOX")
            found = client.search(None, "ALL")[1][0].split()
            octets = [client.fetch(number, "(BODY.PEEK[])")[1][0][1] for number in found]
        return [email.message_from_bytes(one, policy=email.policy.default) for one in octets]


class Life(unittest.TestCase):
    def setUp(self):
        self.pod = Community()
        self.addCleanup(self.pod.remove)

    def refused(self, why, *arguments, stdin=None):
        """Not done, nothing entered, and the reason is said."""
        before = self.pod.leaves()
        done = self.pod.run(*arguments, stdin=stdin, check=False)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertIn(why, done.stderr)
        self.assertEqual(self.pod.leaves(), before)

    def test_a_community_lives(self):
        for step in (self.they_found_it, self.they_grow_to_twenty, self.they_amend_by_mail, self.they_elect,
                     self.they_suspend_by_mail, self.one_tries_every_short_cut, self.a_key_is_lost_and_replaced,
                     self.a_dispute_is_heard, self.everybody_is_told, self.the_clock_jumps, self.the_year_adds_up,
                     self.a_rolled_back_folder_is_noticed):
            began = time.monotonic()
            step()
            print(f"{step.__name__}: {time.monotonic() - began:.1f} s", flush=True)
            if self.pod.serving:
                self.pod.restart()

    def they_found_it(self):
        world = self.pod
        for name in FOUNDERS:
            world.make_key(name)
        maintainers = "".join(f'\n[[maintainers]]\nname = "{name}"\nkey = "{world.key(name)}"\nfrom = {stamp(-60)}\n'
                              f'to = {stamp(86400 * 300)}\n' for name in FOUNDERS)
        first = world.folder / "first.toml"
        first.write_text(f'type = "charter"\npod = "pod.lab"\nseq = 1\nissued = {stamp(-60)}\neffective = {stamp(-60)}\n'
                         f'expires = {stamp(86400 * 300)}\nthreshold = 2\n{maintainers}\n[members]\njoin = "vouches"\n'
                         'vouches = 2\n\n[votes]\nnotice_days = 0\nquorum_percent = 20\n')
        comment = f"mailpod charter pod=pod.lab seq=1 sha256={world.sha256(first)}"
        for name in FOUNDERS:
            world.sign(first, name, comment, world.folder / f"first.{name}.minisig")
        subprocess.run([pod.MAILPOD, "init", str(world.path), "--domain", "pod.lab", "--charter", str(first)], check=True,
                       capture_output=True, timeout=pod.PATIENCE)
        self.pin = world.sha256(first)
        for section, offset in zip(("smtp", "submission", "submissions", "imap", "imaps"), pod.OFFSETS):
            world.set("listen." + section, address=pod.HOST, port=world.base + offset)
        world.tls = pod.ssl.create_default_context(cafile=str(world.path / "tls/certificate.pem"))
        world.start()
        for name in FOUNDERS:
            code = world.run("member", "admit", name, *world.with_keys("ada", "bea")).stdout
            world.passwords[name] = world.run("enrol", "--app", "test", stdin=code).stdout.split("\t")[1].strip()
            world.make_key(name + ".citizen")
            draft = world.folder / f"key-{name}.toml"
            world.run("act", "draft", "set-citizen-key", name, "--key", str(world.folder / f"{name}.citizen.pub"), "--out",
                      str(draft))
            world.mail(draft, *self.signed(draft, "act", "bea", "cyd"))
            self.assertEqual(world.json("member", "show", name)["citizen_key"], world.key(name + ".citizen"))

    def signed(self, path, kind, *names, seq=1):
        comment = f"mailpod {kind} pod=pod.lab seq={seq} sha256={self.pod.sha256(path)}"
        return [self.pod.sign(path, name, comment) for name in names]

    def they_grow_to_twenty(self):
        world = self.pod
        members = list(FOUNDERS)
        identity = world.json("charter", "log")["charters"][-1]["identity"]
        while len(members) < EVERYBODY:
            name = f"member{len(members)}"
            inviter = members[len(members) - 3]
            world.make_key(name + ".citizen")
            link = world.run("invite", "--citizen-key", str(world.folder / f"{inviter}.citizen")).stdout.strip()
            asked = world.json("join", name, "--citizen-key", str(world.folder / f"{name}.citizen"), "--accept", identity,
                               stdin=link + "\n")
            self.assertEqual(asked["as"], "candidate", "one vouch is not two")
            vouched = world.run("vouch", asked["member"], "--citizen-key", str(world.folder / f"{members[-1]}.citizen"))
            self.assertIn("who is a member now", vouched.stdout)
            enrolled = world.run("enrol", "--app", "phone", stdin=f"{name}@pod.lab\t{asked['code']}\n").stdout
            world.passwords[name] = enrolled.split("\t")[1].strip()
            members.append(name)
            if len(members) == 12:
                world.restart()
        everybody = world.json("member", "list")["members"]
        self.assertEqual(len([one for one in everybody if one["progress"] == "enrolled"]), EVERYBODY)
        self.members = members

    def cast_by_mail(self, vote, answers):
        for name, choice in answers.items():
            path = self.pod.folder / f"ballot-{vote[:8]}-{name}.toml"
            made = self.pod.json("vote", "ballot", vote, *choice, "--out", str(path))
            self.pod.mail(path, self.pod.sign(path, name + ".citizen", made["trusted_comment"]))

    def result(self, vote):
        deadline = time.monotonic() + pod.PATIENCE
        while time.monotonic() < deadline:
            closed = self.pod.run("--json", "vote", "close", vote, check=False)
            if closed.returncode == 0:
                return json.loads(closed.stdout)["result"]
            self.assertIn("still open", closed.stderr)
            time.sleep(0.1)
        raise AssertionError("the vote never ends")

    def open_by_mail(self, *arguments, seconds, seq):
        """Drafted once, signed by two on their own machines, sent by each."""
        draft = self.pod.folder / f"vote-{arguments[0]}-{time.monotonic_ns()}.toml"
        draft.write_text(self.pod.run("vote", "open", *arguments, "--title", "A vote", "--closes", stamp(seconds), "--draft").stdout)
        vote = self.pod.sha256(draft)
        for number, signature in enumerate(self.signed(draft, "vote", "ada", "cyd", seq=seq)):
            self.assertNotIn(vote, [one["vote"] for one in self.pod.json("vote", "list")["votes"]])
            self.pod.mail(draft, signature)
            if number == 0:
                self.assertIn(vote, self.waiting())
                self.pod.restart()
        self.assertIn(vote, [one["vote"] for one in self.pod.json("vote", "list")["votes"]])
        self.assertNotIn(vote, self.waiting())
        return vote

    def waiting(self):
        return [one["file"] for one in self.pod.json("act", "waiting")["waiting"]]

    def draft_of_next(self, seconds):
        """Takes effect so soon."""
        lines = self.pod.run("charter", "new").stdout.split("\n")
        at = next(number for number, line in enumerate(lines) if line.startswith("effective = "))
        lines[at] = f"effective = {stamp(seconds)}"
        return "\n".join(lines)

    def wait_for_charter(self, seq):
        deadline = time.monotonic() + pod.PATIENCE
        while self.pod.json("status")["charter"] != seq:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.1)

    def they_amend_by_mail(self):
        """Maintainers have mailboxes from now on, and the quorum is another."""
        world = self.pod
        text = self.draft_of_next(9).replace("quorum_percent = 20", "quorum_percent = 25")
        for name in FOUNDERS:
            at = text.index(f'name = "{name}"')
            end = text.index("\nto = ", at)
            end = text.index("\n", end + 1)
            text = text[:end] + f'\nmember = "{world.json("member", "show", name)["member"]}"' + text[end:]
        draft = world.folder / "charter-0002.toml"
        draft.write_text(text)
        signatures = self.signed(draft, "charter", "ada", "bea", seq=2)
        world.mail(draft, *signatures)
        self.assertEqual(len(world.json("charter", "log")["charters"]), 1, "no vote was held on it")
        vote = self.open_by_mail("amendment", str(draft), seconds=6, seq=1)
        self.cast_by_mail(vote, {name: ("--answer", "yes") for name in self.members[:7]})
        self.assertTrue(self.result(vote)["passed"])
        world.mail(draft, *signatures)
        self.assertEqual(len(world.json("charter", "log")["charters"]), 2)
        self.wait_for_charter(2)

    def they_elect(self):
        """Member3 takes bea's place."""
        world = self.pod
        candidates = [word for name in ("ada", "cyd", "member3") for word in
                      ("--candidate", f"{name}={world.folder / (name if name in FOUNDERS else name + '.citizen')}.pub={name}"
                                      f"={name}")]
        vote = self.open_by_mail("election", *candidates, "--seats", "3", seconds=6, seq=2)
        self.cast_by_mail(vote, {name: ("--approve", "ada,cyd,member3") for name in self.members[2:9]})
        self.assertTrue(self.result(vote)["passed"])
        shutil.copy(world.folder / "member3.citizen", world.folder / "member3")
        shutil.copy(world.folder / "member3.citizen.pub", world.folder / "member3.pub")
        self.refused("no maintainer's", "member", "suspend", "member9", *world.with_keys("bea"))

    def they_suspend_by_mail(self):
        world = self.pod
        draft = world.folder / "suspension.toml"
        world.run("act", "draft", "suspend", "member9", "--hours", "72", "--reason", "sells lists", "--out", str(draft))
        one, two = self.signed(draft, "act", "ada", "member3", seq=2)
        world.mail(draft, one)
        self.assertNotIn("suspended_until", world.json("member", "show", "member9"))
        world.restart()
        world.mail(draft, two, member="member4")
        self.assertIn("suspended_until", world.json("member", "show", "member9"))
        answer = world.inbox("member4")[-1]
        self.assertIn("RECORDED", answer.get_content(), "whoever brought it, and can be known, is answered")
        leaves = world.leaves()
        world.mail(draft, one, two)
        self.assertEqual(world.leaves(), leaves, "an act is executed once")
        with self.assertRaises(world.imap().error), world.imap() as client:
            client.login("member9@pod.lab", world.passwords["member9"])
        world.run("member", "reinstate", "member9", *world.with_keys("ada", "cyd"))

    def one_tries_every_short_cut(self):
        """Cyd, alone, with a key that is good."""
        world = self.pod
        alone = world.with_keys("cyd")
        self.refused("1 of 2 signatures needed", "member", "admit", "crony", *alone)
        self.refused("24 hours only", "member", "suspend", "ada", "--hours", "48", *alone)
        self.refused("the charter wants a vote", "member", "forget", "ada", "--yes", *world.with_keys("cyd", "ada"))
        self.refused("1 of 2 signatures needed", "member", "citizen-key", "member9", "--key", str(world.folder / "cyd.pub"), *alone)
        self.refused("signed twice", "member", "admit", "crony", *world.with_keys("cyd", "cyd"))
        # Votes, charters and announcements wait for somebody else, and are not in force.
        words = world.folder / "words.txt"
        words.write_text("I decide now.\n")
        leaves = world.leaves()
        self.assertIn("1 of 2", world.run("announce", str(words), "--subject", "News", *alone).stdout)
        draft = world.folder / "coup.toml"
        draft.write_text(world.run("charter", "new").stdout.replace("threshold = 2", "threshold = 1"))
        world.mail(draft, *self.signed(draft, "charter", "cyd", seq=3))
        self.assertEqual(world.leaves(), leaves)
        self.assertEqual([mail["Subject"] for mail in world.inbox("member5") if mail["Subject"] == "News"], [])
        # Even with a friend's signature the threshold is the members' to change.
        self.signed(draft, "charter", "ada", seq=3)
        self.refused("vote", "charter", "accept", str(draft))
        # A vote of one ends when it ends, and ballots are those of members.
        vote = self.open_by_mail("expulsion", "ada", seconds=6, seq=2)
        self.refused("still open", "vote", "close", vote)
        for name in ("cyd.citizen", "cyd"):
            path = world.folder / f"ballot-{name}.toml"
            made = world.json("vote", "ballot", vote, "--answer", "yes", "--out", str(path))
            world.mail(path, world.sign(path, name, made["trusted_comment"]))
        result = self.result(vote)
        self.assertEqual((result["counted"], result["passed"]), (1, False))
        self.refused("the charter wants a vote", "member", "forget", "ada", "--yes", *world.with_keys("cyd", "member3"))
        # An act that was, once more; an altered one; one of another pod.
        path = world.folder / "suspension.toml"
        self.refused("executed already", "act", "submit", str(path))
        altered = world.folder / "altered.toml"
        world.run("act", "draft", "suspend", "member10", "--hours", "20", "--out", str(altered))
        self.signed(altered, "act", "ada", seq=2)
        other = world.json("member", "show", "member11")["member"].encode()
        altered.write_bytes(altered.read_bytes().replace(world.json("member", "show", "member10")["member"].encode(), other))
        self.refused("does not fit these octets", "act", "submit", str(altered))
        # What the founders hold against the folder, if it is edited.
        entry = max((world.path / "governance/acts").glob("*.entry"))
        octets = entry.read_bytes()
        world.stop()
        entry.write_bytes(octets.replace(b'pod = "pod.lab"', b'pod = "pod.lob"'))
        broken = world.run("status", check=False)
        self.assertEqual(broken.returncode, 1)
        entry.write_bytes(octets)
        world.start()

    def a_key_is_lost_and_replaced(self):
        """Member3 lost both halves of a life: the key they sign by, and the one they vote by."""
        world = self.pod
        world.make_key("member3")
        draft = world.folder / "charter-0003.toml"
        draft.write_text(self.draft_of_next(3).replace(world.key("member3.citizen"), world.key("member3")))
        world.mail(draft, *self.signed(draft, "charter", "ada", "cyd", "member3", seq=3))
        self.assertEqual(len(world.json("charter", "log")["charters"]), 3)
        self.wait_for_charter(3)
        world.run("member", "suspend", "member9", *world.with_keys("member3"))
        self.refused("no maintainer's", "member", "reinstate", "member9", *world.with_keys("ada", "member3.citizen"))
        world.run("member", "reinstate", "member9", *world.with_keys("ada", "member3"))
        world.make_key("member3.citizen")
        world.run("member", "citizen-key", "member3", "--key", str(world.folder / "member3.citizen.pub"),
                  *world.with_keys("ada", "cyd"))
        self.assertEqual(world.json("member", "show", "member3")["citizen_key"], world.key("member3.citizen"))

    def a_dispute_is_heard(self):
        world = self.pod
        words = world.folder / "words.txt"
        words.write_text("They called me names.\n")
        with world.exchange() as server:
            server.send_message(pod.message("insult", "You!\r\n", "x@other.example", "member4@pod.lab"))
        evil = world.inbox("member4")[-1]
        report = ("report", "member4", str(words), "--about", "cyd", "--message", "INBOX/1", "--message", evil["Message-ID"])
        told = world.run(*report, stdin=world.passwords["member4"] + "\n")
        self.assertIn("told 2 maintainers, with 2 messages", told.stdout)
        self.assertIn("reports", world.inbox("ada")[-1]["Subject"])
        enclosed = [part.get_content()["Subject"] for part in world.inbox("ada")[-1].walk() if part.get_content_type() == "message/rfc822"]
        self.assertEqual(enclosed, ["Your signed files", "insult"])
        self.assertIn("went to 2", world.inbox("member4")[-1].get_content())
        self.refused("no such message", *report, "--message", "INBOX/99", stdin=world.passwords["member4"] + "\n")
        self.assertNotIn("reports", " ".join(mail["Subject"] for mail in world.inbox("cyd")))
        opened = world.json("dispute", "open", str(words), "--subject", "Names", "--party", "member4", "--party", "cyd",
                            *world.with_keys("ada"))
        self.assertEqual(opened["state"], "recorded", "one maintainer is enough")
        dispute = world.json("dispute", "list")["disputes"][0]["dispute"]
        decide = ("dispute", "close", dispute, str(words), "--subject", "Decision", "--outcome", "upheld")
        self.refused("before anybody answered", *decide, *world.with_keys("ada", "member3"))
        world.run("dispute", "answer", dispute, str(words), "--subject", "Answer", *world.with_keys("cyd"))
        self.assertIn("1 of 2", world.run(*decide, *world.with_keys("ada")).stdout)
        waiting = [one["file"] for one in world.json("act", "waiting")["waiting"] if "dispute-close" in one["octets"]]
        world.restart()
        world.run("act", "sign", waiting[0], *world.with_keys("member3"))
        self.assertEqual(world.json("dispute", "list")["disputes"][0]["outcome"], "upheld")
        for name in ("member4", "cyd"):
            self.assertEqual([mail["Subject"] for mail in world.inbox(name) if mail["Mailpod-Act"]],
                             ["Names", "Answer", "Decision"])
        self.assertEqual([mail for mail in world.inbox("member5") if mail["Mailpod-Act"]], [])

    def everybody_is_told(self):
        world = self.pod
        words = world.folder / "words.txt"
        words.write_text("The garden opens in May.\n")
        draft = world.folder / "announcement.toml"
        world.run("announce", str(words), "--subject", "The garden", "--out", str(draft))
        text = pathlib.Path(f"{draft}.txt")
        one, two = self.signed(draft, "act", "ada", "cyd", seq=3)
        world.mail(draft, text, one)
        world.restart()
        world.mail(draft, two)
        for name in ("bea", "member9", "member19"):
            found = [mail for mail in world.inbox(name) if mail["Subject"] == "The garden"]
            self.assertEqual(len(found), 1)
            body = found[0].get_content().replace("\r\n", "\n").encode()
            self.assertIn(hashlib.sha256(body).hexdigest(), draft.read_text(), "what the record commits to")
        world.run("upgrade", *world.with_keys("ada", "cyd"))
        self.assertTrue(world.json("status")["agreed"]["runs"])

    def the_clock_jumps(self):
        world = self.pod
        suspend = ("member", "suspend", "member9", *world.with_keys("ada", "cyd"))
        for offset, why in ((400 * 86400, "clock jumped ahead"), (-400 * 86400, "charter 3 is in force")):
            world.clock.write_text(str(offset))
            self.refused(why, *suspend)
            world.clock.write_text("0")
        world.run(*suspend)
        world.run("member", "reinstate", "member9", *world.with_keys("ada", "cyd"))

    def the_year_adds_up(self):
        world = self.pod
        year = str(datetime.datetime.now(datetime.timezone.utc).year)
        copy = world.folder / "copy"
        shutil.copytree(world.path / "governance/ledger", copy)
        key = ("--key", world.json("ledger", "show")["key"])
        numbers = world.json("transparency", "--year", year, "--folder", str(copy), "--charter", self.pin, *key)
        self.assertEqual(numbers, world.json("transparency", "--year", year, *key))
        self.assertTrue(numbers["sound"])
        self.assertEqual(numbers["members"], EVERYBODY)
        self.assertEqual(numbers["admissions"], {"by_maintainers": 3, "by_invitation": 0, "by_vouches": 17})
        self.assertEqual([one["vote"] for one in numbers["votes"]], ["amendment", "election", "expulsion"])
        self.assertEqual(numbers["charters"], [1, 2, 3])
        self.assertEqual([one["outcome"] for one in numbers["disputes"]["closed"]], ["upheld"])
        self.assertEqual(numbers["announcements"], 1)
        words = world.run("transparency", "--year", year, *key).stdout
        self.assertIn("An election of maintainers: passed", words)
        self.assertEqual([name for name in self.members if name in words], [])
        self.assertEqual(world.json("transparency", "--year", "2020", *key)["entries"], 0)

    def a_rolled_back_folder_is_noticed(self):
        world = self.pod
        kept = world.folder / "kept"
        shutil.copytree(world.path / "governance", kept)
        world.run("member", "suspend", "member9", *world.with_keys("ada", "cyd"))
        world.stop()
        shutil.rmtree(world.path / "governance")
        shutil.copytree(kept, world.path / "governance")
        for command in (("status",), ("serve",)):
            done = world.run(*command, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("the directory remembers", done.stderr)


if __name__ == "__main__":
    unittest.main()
