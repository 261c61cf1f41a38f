#!/usr/bin/env python3
"""Joining: invitations as links and QR codes, redeemed from elsewhere; and a community that grows by its members' vouches."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import ledger_checker
import pod
import qr_reader

SOON = 1.0  # seconds: how long a change may take to be felt everywhere


def free_port():
    with socket.socket() as found:
        found.bind((pod.HOST, 0))
        return found.getsockname()[1]


class Joining(unittest.TestCase):
    init = ()

    @classmethod
    def setUpClass(cls):
        cls.pod = pod.Neighbour("pod.lab", *cls.founders, init=cls.init_arguments())
        cls.port = free_port()
        cls.pod.set("listen.members", address=pod.HOST, port=cls.port)
        cls.pod.set("pod", host_name="localhost")
        cls.pod.start()
        cls.home = pathlib.Path(tempfile.mkdtemp(prefix="newcomer-"))
        shutil.copy(cls.pod.path / "tls/certificate.pem", cls.home / "pod.pem")
        os.chmod(cls.home, 0o777)
        os.chmod(cls.home / "pod.pem", 0o644)

    @classmethod
    def init_arguments(cls):
        return ()

    @classmethod
    def tearDownClass(cls):
        cls.pod.remove()
        shutil.rmtree(cls.home)

    def elsewhere(self, *arguments, stdin="", check=True):
        """As somebody who has the program and the pod's certificate, and may not enter its folder."""
        somebody = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        done = subprocess.run([pod.MAILPOD, *arguments], input=stdin, text=True, capture_output=True, cwd=self.home,
                              timeout=pod.PATIENCE, env={"PATH": os.environ["PATH"], "MAILPOD_CA": str(self.home / "pod.pem")},
                              **somebody)
        if check and done.returncode != 0:
            raise AssertionError(done.stderr)
        return done

    def key(self, name):
        return ("--citizen-key", str(self.home / f"{name}.key"))

    def charter_identity(self):
        return json.loads(self.pod.run("--json", "charter", "log").stdout)["charters"][-1]["identity"]

    def rcpt(self, name):
        with self.pod.exchange() as server:
            server.ehlo("other.lab")
            server.mail("someone@other.lab")
            return server.rcpt(f"{name}@pod.lab")[0]

    def is_taken_soon(self, name):
        """Whether mail for somebody is taken within a second of now."""
        until = time.monotonic() + SOON
        while time.monotonic() < until:
            if self.rcpt(name) == 250:
                return True
        return False

    def assert_can_do_all(self, name, password):
        self.assertTrue(self.is_taken_soon(name))
        with self.pod.imap() as client:
            client.login(f"{name}@pod.lab", password)
        with self.pod.submission() as client:
            client.login(f"{name}@pod.lab", password)
            client.send_message(pod.message(sender=f"{name}@pod.lab", to=f"{self.founders[0]}@pod.lab"))


class Invitations(Joining):
    founders = ("alice",)

    def invite(self, *arguments):
        return self.pod.as_maintainer("invite", *arguments)

    def join(self, name, link, *arguments, check=True, answer="yes"):
        return self.elsewhere("join", name, *self.key(name), "--no-password", "--app", "phone", *arguments,
                              stdin=f"{link}\n{answer}\n", check=check)

    def test_a_link_leads_to_the_pod_and_makes_a_member(self):
        link = self.invite().stdout.strip()
        self.assertTrue(link.startswith(f"MAILPOD:LOCALHOST:{self.port}/"), link)
        self.assertEqual(self.rcpt("bob"), 550)
        done = self.join("bob", link)
        self.assertIn("Who joins accepts it", done.stderr)
        self.assert_can_do_all("bob", done.stdout.split("\t")[1])
        self.assertEqual((self.home / "bob.key").stat().st_mode & 0o777, 0o600)
        # Used once: by nobody else, and by the same person to no end.
        other = self.join("mallory", link, check=False)
        self.assertEqual(other.returncode, 1)
        self.assertIn("invitation that somebody used", other.stderr)
        self.assertEqual(self.rcpt("mallory"), 550)
        again = self.join("bob", link, check=False)
        self.assertEqual(again.returncode, 1)
        self.assertNotIn("mp-", again.stdout)

    def test_the_qr_codes_say_what_the_link_says(self):
        picture = self.pod.folder / "invitation.svg"
        done = self.invite("--svg", str(picture))
        link = done.stdout.strip()
        self.assertEqual(qr_reader.read(qr_reader.of_terminal(done.stderr)), link)
        self.assertEqual(qr_reader.read(qr_reader.of_svg(picture.read_text())), link)
        self.assertEqual(picture.stat().st_mode & 0o077, 0, "it is a secret")
        made = json.loads(self.pod.as_maintainer("--json", "invite", "--days", "3").stdout)
        self.assertEqual(set(made), {"invitation", "link", "until"})

    def test_the_pod_keeps_no_secret_and_an_invitation_survives_its_death(self):
        link = self.invite().stdout.strip()
        code = link.split("/")[1]
        self.pod.stop(signal.SIGKILL)
        for path in self.pod.path.rglob("*"):
            if path.is_file():
                octets = path.read_bytes().upper()
                self.assertNotIn(code.encode(), octets, path)
                self.assertNotIn(code.replace("-", "").encode(), octets, path)
        self.pod.start()
        done = self.join("carol", code, "--at", f"localhost:{self.port}")
        self.assert_can_do_all("carol", done.stdout.split("\t")[1])

    def test_who_does_not_accept_the_charter_in_force_is_nobody(self):
        link = self.invite().stdout.strip()
        self.assertIn("was not accepted", self.join("dora", link, check=False, answer="no").stderr)
        wrong = self.join("dora", link, "--accept", "0" * 64, check=False)
        self.assertIn("the charter in force is another one", wrong.stderr)
        self.assertEqual(self.rcpt("dora"), 550)
        self.join("dora", link, "--accept", self.charter_identity())
        self.assertTrue(self.is_taken_soon("dora"))
        # What was accepted stands in the ledger, under the newcomer's own signature.
        last = max((self.pod.path / "governance/acts").glob("*.entry")).read_bytes()
        self.assertIn(f'accepts = "{self.charter_identity()}"'.encode(), last)
        self.assertNotIn(b"dora", last)
        salt = json.loads(self.pod.run("--json", "member", "show", "dora").stdout)["salt"]
        found = self.pod.run("ledger", "verify", "--address", "dora@pod.lab", "--salt", salt)
        self.assertRegex(found.stdout, r"leaf \d+")

    def test_refusals_name_the_rule(self):
        member = self.pod.run("invite", check=False)
        self.assertIn('an invitation that the maintainers sign (join = "invitation")', member.stderr)
        none = self.elsewhere("join", "eve", *self.key("eve"), "--no-invitation", "--no-password", "--app", "x", "--at",
                              f"localhost:{self.port}", stdin="yes\n", check=False)
        self.assertIn('(join = "invitation")', none.stderr)
        mistyped = self.join("eve", "MAILPOD:LOCALHOST/12345-67890", check=False)
        self.assertIn("a character of it is wrong", mistyped.stderr)
        unknown = self.join("eve", "04106-1050R-3GG28-A1C60-T3GF2-0X", "--at", f"localhost:{self.port}", check=False)
        self.assertIn("an invitation that there is not", unknown.stderr)

    def test_one_that_is_withdrawn_counts_no_more(self):
        made = json.loads(self.pod.as_maintainer("--json", "invite").stdout)
        states = {one["invitation"]: one["state"]
                  for one in json.loads(self.pod.run("--json", "invitation", "list").stdout)["invitations"]}
        self.assertEqual(states[made["invitation"]], "open")
        self.pod.as_maintainer("invitation", "withdraw", made["invitation"])
        self.assertIn("there is not, or is no more", self.join("fay", made["link"], check=False).stderr)
        self.assertIn(f"{made['invitation']}  withdrawn", self.pod.run("invitation", "list").stdout)


class Vouches(Joining):
    """From three to twenty."""
    founders = ("ada", "bea", "cyd")

    @classmethod
    def init_arguments(cls):
        text = (pod.ROOT / "config/charters/housing-coop.toml").read_text()
        text = text.replace("voucher_age_days = 90", "voucher_age_days = 0").replace("objection_days = 7", "objection_days = 0")
        cls.rules = pathlib.Path(tempfile.mkdtemp(prefix="rules-")) / "charter.toml"
        cls.rules.write_text(text)
        return ("--template", str(cls.rules))

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        shutil.rmtree(cls.rules.parent)

    def at(self, *arguments, **more):
        return self.elsewhere(*arguments, "--at", f"localhost:{self.port}", **more)

    def found(self):
        """The founders came by acts; the maintainers enter their keys."""
        for name in self.founders:
            subprocess.run(["minisign", "-G", "-W", "-s", f"{name}.key", "-p", f"{name}.key.pub"], cwd=self.home, check=True,
                           capture_output=True)
            if os.geteuid() == 0:
                shutil.chown(self.home / f"{name}.key", "nobody")
            os.chmod(self.home / f"{name}.key", 0o600)
            self.pod.as_maintainer("member", "citizen-key", name, "--key", str(self.home / f"{name}.key.pub"))

    def ask(self, name, inviter):
        """Asks to join by a member's invitation; the id and the enrolment code."""
        link = self.at("invite", *self.key(inviter)).stdout.strip()
        done = self.elsewhere("--json", "join", name, *self.key(name), "--accept", self.charter_identity(), stdin=link + "\n")
        answer = json.loads(done.stdout)
        self.assertEqual(answer["as"], "candidate")
        return answer["member"], answer["code"]

    def enrol(self, name, code):
        return self.at("enrol", name, "--no-password", "--app", "phone", "--no-recovery-code",
                       stdin=code + "\n").stdout.split("\t")[1].strip()

    def test_three_become_twenty(self):
        self.found()
        refused = self.pod.as_maintainer("invite", check=False)
        self.assertIn('(join = "vouches")', refused.stderr)
        members = list(self.founders)
        while len(members) < 20:
            name = f"member{len(members)}"
            inviter, voucher = members[-3], members[-1]
            who, code = self.ask(name, inviter)
            self.assertEqual(self.rcpt(name), 550, "one vouch is not two")
            listed = json.loads(self.at("--json", "candidates", "ada", stdin=self.pod.password("ada") + "\n").stdout)
            self.assertEqual([(one["address"], len(one["vouches"])) for one in listed["candidates"]], [(f"{name}@pod.lab", 1)])
            if len(members) == 5:
                self.hold_and_release(who, name, members)
            if len(members) == 8:
                self.pod.stop(signal.SIGKILL)
                self.pod.start()
            said = self.at("vouch", who, *self.key(voucher)).stdout
            self.assertIn("who is a member now", said)
            password = self.enrol(name, code)
            if len(members) % 5 == 0:
                self.assert_can_do_all(name, password)
            members.append(name)
        everybody = json.loads(self.pod.run("--json", "member", "list").stdout)["members"]
        self.assertEqual(len([one for one in everybody if one["progress"] == "enrolled"]), 20)
        self.assertEqual(json.loads(self.pod.run("--json", "candidates").stdout)["candidates"], [])
        self.refusals(members)
        # Whoever has the record finds all of it to follow from the rules.
        self.assertEqual(self.pod.run("ledger", "verify").returncode, 0)
        key = ledger_checker.Verifier(json.loads(self.pod.run("--json", "ledger", "show").stdout)["key"])
        _, _, entries = ledger_checker.check(self.pod.path / "governance/ledger", key)
        self.assertEqual(sum(b'type = "admission"' in entry for entry in entries), 18)
        self.pod.stop()
        self.pod.start()
        self.assertEqual(self.rcpt("member19"), 250)

    def hold_and_release(self, who, name, members):
        """An objection, and its withdrawal."""
        self.at("object", who, *self.key(members[0]), "--reason", "owes the choir its cups")
        held = self.at("vouch", who, *self.key(members[1])).stdout
        self.assertNotIn("member now", held)
        self.assertIn("objections", self.pod.run("candidates").stdout)
        self.assertEqual(self.rcpt(name), 550)
        self.at("vouch", who, *self.key(members[1]), "--withdraw")
        self.assertIn("no longer said of", self.at("object", who, *self.key(members[0]), "--withdraw").stdout)

    def refusals(self, members):
        stranger = self.home / "stranger.key"
        subprocess.run(["minisign", "-G", "-W", "-s", stranger, "-p", str(stranger) + ".pub"], check=True, capture_output=True)
        if os.geteuid() == 0:
            shutil.chown(stranger, "nobody")
        os.chmod(stranger, 0o600)
        self.assertIn("no member's citizen key", self.at("invite", *self.key("stranger"), check=False).stderr)
        self.assertIn("asks to join", self.at("vouch", "0" * 32, *self.key("ada"), check=False).stderr)
        # A member vouches for five a year.
        for number in range(6):
            done = self.at("invite", *self.key(members[-1]), check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("voucher_budget", done.stderr)
        # What comes due by itself: the only objection is of somebody who is suspended now.
        who, code = self.ask("late", members[-4])
        self.at("object", who, *self.key("bea"))
        self.assertNotIn("member now", self.at("vouch", who, *self.key(members[-5])).stdout)
        self.assertEqual(self.rcpt("late"), 550)
        self.pod.as_maintainer("member", "suspend", "bea")
        self.assertTrue(self.is_taken_soon("late"))
        self.assert_can_do_all("late", self.enrol("late", code))
        # Suspended: nothing is said, mail waits, nobody logs in.
        self.assertEqual(self.rcpt("bea"), 450)
        self.assertIn("suspended", self.at("invite", *self.key("bea"), check=False).stderr)


if __name__ == "__main__":
    unittest.main()
