#!/usr/bin/env python3
"""docs/operating.md by its word: every command it names exists, with these options, and where it says what a symptom's
command answers, the pod answers that."""

import contextlib
import re
import subprocess
import unittest

import packaging_test
import pod

GUIDES = ("README.md", "docs/operating.md", "docs/dkim.md", "docs/sending.md")
GUIDE = (pod.ROOT / "docs/operating.md").read_text()
FLAT = " ".join(GUIDE.split())


def commands_in(text):
    """What is typed after `mailpod`, in spans of code and in blocks; without what the shell does."""
    # Not the program's name in a line of a log, in a unit or in what it said.
    typed = re.findall(r"`(?:runuser -u mailpod -- )?mailpod ([^`\n]+)`", text)
    for block in re.findall(r"^```\n(.*?)^```", text, re.S | re.M):
        typed += re.findall(r"^(?:[#$] )?mailpod ((?:--pod \S+ )?[a-z-]+\b[^:\n]*)$", block.replace("\\\n", ""), re.M)
    for line in typed:
        yield re.sub(r"\s+(?:[#|<>]|>>).*", "", line)


class Commands(unittest.TestCase):
    def test_every_command_that_a_guide_names_exists(self):
        known = {path: pod_help(path) for path in [(), *packaging_test.Manual().commands()]}
        seen, wrong = set(), []
        for guide in GUIDES:
            for line in commands_in((pod.ROOT / guide).read_text()):
                words = re.sub(r"^--(?:pod \S+|at \S+|json) ", "", line).split()
                if words[0] in ("--help", "--at", "…", "0.1.0"):
                    continue
                path = max((path for path in known if tuple(words[:len(path)]) == path), key=len)
                missing = [word for word in words if re.match(r"--[a-z]", word)
                           and not re.search(rf"{word}\b", known[path] + known[()])]
                if missing or not path or ("|" not in line and "\nSubcommands:\n" in known[path] and words[len(path):]):
                    wrong.append(f"{guide}: mailpod {line}")
                seen.add(path)
        self.assertGreater(len(seen), 30)
        self.assertEqual(wrong, [])


def pod_help(path):
    return packaging_test.output(pod.MAILPOD, *path, "--help")


class Symptoms(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pod = pod.Neighbour("coop.example", "ada", "bert", "eve")
        cls.addClassCleanup(cls.pod.remove)
        cls.pod.as_maintainer("member", "admit", "cleo")
        cls.pod.as_maintainer("group", "add", "choir", "--member", "ada")
        cls.pod.start()
        cls.pod.as_maintainer("member", "suspend", "eve", "--hours", "2")

    def guide_says(self, answer):
        self.assertIn(answer, FLAT)

    def asks(self, command, answer, stdin=None):
        """Types a command that the guide names; it says what the guide says."""
        self.guide_says(f"`mailpod {command}`".replace(" eve", " bert").replace(" cleo", " bert").replace(" nobody", " bert"))
        self.guide_says(answer)
        done = self.pod.run(*command.split(), stdin=stdin, check=False)
        self.assertRegex(" ".join((done.stdout + done.stderr).split()), re.escape(answer).replace("…", ".+"))

    def test_status_and_health_say_that_all_is_well(self):
        self.asks("status", "daemon … up … s")
        self.guide_says("`well` five times")
        self.assertEqual(re.findall(r" (well)\n", self.pod.run("health").stdout), ["well"] * 5)

    def test_who_is_refused_hears_why(self):
        for recipient, answer in (("ada@coop.example", "250 2.1.5 recipient ok"),
                                  ("zoe@coop.example", "550 5.1.1 no such mailbox here"),
                                  ("ada@elsewhere.example", "550 5.7.1 relaying denied"),
                                  ("eve@coop.example", "450 4.2.1 mailbox is suspended for now"),
                                  ("choir@coop.example", "550 5.7.2 you may not write to this group")):
            self.guide_says(f"| `{answer}` |")
            asked = subprocess.run(["swaks", "--server", f"{pod.HOST}:{self.pod.port('SMTP')}", "--from", "you@example.org",
                                    "--to", recipient, "--quit-after", "RCPT"], capture_output=True, text=True, check=False,
                                   timeout=pod.PATIENCE)
            self.assertIn(f" {answer}\n", asked.stdout)
        for command in "member show bert", "alias list", "group list", "group show choir", "domain list", "charter show":
            self.guide_says(f"`mailpod {command}`")
            self.pod.run(*command.split())

    def test_a_member_writes_from_their_own_address_only(self):
        self.guide_says("| `550 5.7.1 sender address is not yours` |")
        with self.pod.submission("ada") as client:
            client.ehlo()
            self.assertEqual(client.mail("bert@coop.example"), (550, b"5.7.1 sender address is not yours"))

    def test_why_somebody_cannot_log_in(self):
        self.asks("member show nobody", "no member by that name")
        self.asks("member show cleo", "invited")
        self.asks("member show bert", "enrolled")
        self.asks("member show eve", "suspended until …")
        secret = self.pod.password("bert")
        self.asks("app-password list bert", "last used …", stdin=secret + "\n")
        self.asks("app-password list bert", "the secret opens none of the member's key slots", stdin="wrong\n")
        with contextlib.suppress(pod.imaplib.IMAP4.error):
            self.pod.imap("bert", "wrong")
        self.guide_says("`login.failed protocol=imaps client=")
        self.assertIn("login.failed protocol=imaps client=127.0.0.1\n", (self.pod.folder / "mailpod.log").read_text())

    def test_what_is_wrong_with_a_mailbox(self):
        for command in "vault verify --all", "vault verify ada --unlock", "vault stats ada", "vault archive show ada":
            stdin = self.pod.password("ada") + "\n" if "--unlock" in command else None
            self.pod.run(*command.split(), stdin=stdin)
        slot = next(self.pod.path.glob("members/*/slots/*.slot"))
        octets = slot.read_bytes()
        self.addCleanup(slot.write_bytes, octets)
        slot.write_bytes(octets[:-1] + bytes([octets[-1] ^ 1]))
        self.guide_says("| `a key slot is damaged` |")
        done = self.pod.run("vault", "verify", "--all", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(": a key slot is damaged\n", done.stdout)

    def openssl(self, *arguments, **how):
        return subprocess.run(["openssl", *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                              timeout=pod.PATIENCE, **how)

    def lasts(self, days):
        """A certificate that lasts so long, in the pod's place for it."""
        place = self.pod.path / "tls"
        for name in "key.pem", "certificate.pem":
            self.addCleanup((place / name).write_bytes, (place / name).read_bytes())
        made = self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                            str(place / "key.pem"), "-out", str(place / "certificate.pem"), "-days", str(days), "-subj",
                            "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,DNS:coop.example")
        self.assertEqual(made.returncode, 0, made.stderr)

    def test_a_certificate_comes_to_its_end_and_is_renewed(self):
        self.guide_says("openssl s_client -connect localhost:993 </dev/null 2>/dev/null | openssl x509 -noout -enddate")
        self.addCleanup(self.pod.run, "reload")  # with what was there before
        self.lasts(10)
        self.asks("check", "the certificate expires within 14 days")
        self.lasts(60)
        self.asks("reload", "read again 1 certificates")
        self.assertNotIn("expires within", self.pod.run("check", check=False).stdout)
        here = f"localhost:{self.pod.port('IMAPS')}"
        served = subprocess.run(f"openssl s_client -connect {here} </dev/null 2>/dev/null | openssl x509 -noout -enddate",
                                shell=True, capture_output=True, text=True, check=True).stdout
        there = self.openssl("x509", "-noout", "-enddate", "-in", str(self.pod.path / "tls/certificate.pem")).stdout
        self.assertEqual(served, there)

    def test_openssl_says_what_is_wrong_with_a_certificate(self):
        self.guide_says("openssl s_client -connect mail.coop.example:993 -verify_hostname mail.coop.example -brief </dev/null")
        certificate = str(self.pod.path / "tls/certificate.pem")
        here = ("s_client", "-connect", f"localhost:{self.pod.port('IMAPS')}", "-brief")
        for name, trusted, answer in (("coop.example", ("-CAfile", certificate), "Verification: OK"),
                                      ("coop.example", (), "self-signed certificate"),
                                      ("other.example", ("-CAfile", certificate), "hostname mismatch")):
            self.guide_says(f"`{answer}`")
            self.assertIn(answer, self.openssl(*here, "-verify_hostname", name, *trusted).stderr)


if __name__ == "__main__":
    unittest.main()
