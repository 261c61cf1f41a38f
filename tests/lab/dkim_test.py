#!/usr/bin/env python3
"""What a pod signs, others verify: Debian's python3-dkim and opendkim, with keys from the lab's DNS."""

import json
import re
import subprocess
import unittest

import network
import world

# What python3-dkim says of each signature, one a line.
PYTHON_DKIM = r"""
import re, sys, dkim
message = sys.stdin.buffer.read()
header = re.split(rb"\r?\n\r?\n", message, maxsplit=1)[0]
for index in range(len(re.findall(rb"(?m)^DKIM-Signature:", header))):
    judge = dkim.DKIM(message)
    try:
        verdict = judge.verify(idx=index)
    except dkim.DKIMException:
        verdict = False
    print(judge.signature_fields[b"a"].decode(), judge.signature_fields[b"s"].decode(), "pass" if verdict else "fail")
"""

ALGORITHMS = ("rsa-sha256", "ed25519-sha256")


def setUpModule():
    global lab, ada, opendkim_settings
    lab = world.World()
    ada = lab.ada
    opendkim_settings = world.ROOT / "opendkim.conf"
    opendkim_settings.write_text(f"Mode v\nNameservers {lab.names.resolver.ipv4}\nSyslog no\n")
    publish()


def tearDownModule():
    lab.stop()


def dkim(*arguments):
    return json.loads(ada.command("--json", "dkim", *arguments, check=False))["keys"]


def publish(but_not=()):
    """Pastes what `dkim records` prints into the zone, and waits until DNS says so."""
    lines = ada.command("dkim", "records").splitlines()
    lab.names.publish("ada", "".join(line + "\n" for line in lines if not any(name in line for name in but_not)))
    expected = {key["selector"]: "missing" if key["selector"] in but_not else "present" for key in dkim("records")}
    network.eventually(lambda: f"{expected} in DNS: {dkim('records', '--check')}", lambda: expected ==
                       {key["selector"]: key["dns"] for key in dkim("records", "--check")})


def run_at_fix(*command, stdin=b""):
    return subprocess.run(lab.hosts["fix"].command(*command), input=stdin, capture_output=True,
                          timeout=network.PATIENCE)


def by_python(octets):
    """[(algorithm, selector, verdict)] of the signatures, in their order."""
    # Its packages belong to Debian's own interpreter, whichever runs this.
    done = run_at_fix("/usr/bin/python3", "-c", PYTHON_DKIM, stdin=octets)
    if done.returncode != 0:
        raise AssertionError(done.stderr.decode())
    return [tuple(line.split()) for line in done.stdout.decode().splitlines()]


def by_opendkim(octets, algorithm):
    """What opendkim says of the signature of this algorithm alone: of several it tells only one."""
    others = [field for field in signatures(octets) if b"a=" + algorithm.encode() not in field]
    for field in others:
        octets = octets.replace(field, b"")
    file = world.ROOT / "message.eml"
    file.write_bytes(octets)
    done = run_at_fix("opendkim", "-x", opendkim_settings, "-t", file)
    return (done.stdout + done.stderr).decode()


def signatures(octets):
    """The DKIM-Signature fields, folds and line ends included."""
    return re.findall(rb"(?ms)^DKIM-Signature:.*?\n(?![ \t])", octets)


class Verdicts(unittest.TestCase):
    def sent(self, **more):
        """The octets of a letter as they came to the other server, CRLF line ends."""
        letter = world.letter("alice@ada.lab", "frank@fix.lab", "Grüße", **more)
        ada.submit("alice", letter, ["frank@fix.lab"])
        lab.postfix.receives(letter["Message-ID"])
        (octets,) = [path.read_bytes() for path in (lab.postfix.folder / "mail/everyone").glob("new/*")
                     if letter["Message-ID"].encode() in path.read_bytes()]
        return octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")

    def passes(self, octets):
        verdicts = by_python(octets)
        self.assertEqual([(algorithm, verdict) for algorithm, _, verdict in verdicts],
                         [(algorithm, "pass") for algorithm in ALGORITHMS], octets.decode())
        for algorithm in ALGORITHMS:
            self.assertIn("verification (s=", by_opendkim(octets, algorithm))
            self.assertIn("succeeded", by_opendkim(octets, algorithm))
        return [selector for _, selector, _ in verdicts]

    def fails(self, octets):
        self.assertEqual([verdict for *_, verdict in by_python(octets)], ["fail", "fail"])
        for algorithm in ALGORITHMS:
            self.assertNotIn("succeeded", by_opendkim(octets, algorithm))

    def test_both_signatures_are_good_whatever_the_body_holds(self):
        for body in ("A body.\r\n", world.ODD_BODY, "\r\n\r\n", "  white \t space \r\n\r\n" * 3000, "x" * 900 + "\r\n"):
            with self.subTest(body[:10]):
                self.passes(self.sent(body=body))

    def test_a_letter_without_a_body_is_good(self):
        octets = self.sent(body="")
        self.passes(octets)
        self.assertEqual(len(signatures(octets)), 2)

    def test_signatures_are_narrow_and_say_only_what_they_should(self):
        for field in signatures(self.sent()):
            self.assertLessEqual(max(map(len, field.splitlines())), 78)
            self.assertRegex(b"".join(field.split()), rb"^DKIM-Signature:v=1;a=[a-z0-9-]+;c=relaxed/relaxed;d=ada.lab;"
                             rb"s=mp\d{8}[re]\d*;t=\d+;x=\d+;h=from:from:to:to:cc:subject:subject:[a-z:-]+;"
                             rb"bh=[A-Za-z0-9+/]{43}=;b=[A-Za-z0-9+/=]+$")

    def test_what_was_changed_on_the_way_is_refused(self):
        octets = self.sent(body="Pay 10 to Frank.\r\n")
        self.passes(octets)
        changes = {
            "body": (b"Pay 10", b"Pay 99"),
            "more body": (b"to Frank.\r\n", b"to Frank.\r\nAnd 50 to Eve.\r\n"),
            "subject": (b"\r\nSubject:", b"\r\nSubject: Fw:"),
            "another subject": (b"\r\nSubject:", b"\r\nSubject: other\r\nSubject:"),
            "a second author": (b"\r\nTo:", b"\r\nFrom: eve@evil.lab\r\nTo:"),
            "a reader more": (b"\r\nTo:", b"\r\nCc: eve@evil.lab\r\nTo:"),
            "another way to read it": (b"\r\nMIME-Version:", b"\r\nContent-Type: text/html\r\nMIME-Version:"),
        }
        for what, (before, after) in changes.items():
            with self.subTest(what):
                self.assertEqual(octets.count(before), 1)
                self.fails(octets.replace(before, after))

    def test_what_relays_do_does_no_harm(self):
        octets = self.sent(body="A body.\r\n")
        self.passes(octets.replace(b"\r\nTo: ", b"\r\nTO:\t \t").replace(b"A body.\r\n", b"A  body. \r\n\r\n\r\n"))
        self.passes(b"Received: from a by b; now\r\n" + octets)

    def test_keys_are_rotated_while_mail_goes_on(self):
        before = self.sent()
        old = self.passes(before)
        ada.command("dkim", "new")
        new = [key["selector"] for key in dkim("records") if key["state"] == "prepared"]
        self.assertEqual(len(new), 2)
        refusal = ada.refusal("dkim", "activate")
        self.assertIn("DNS says of this record: missing", refusal)
        self.assertEqual(self.passes(self.sent()), old)
        publish()
        ada.command("dkim", "activate")
        after = self.sent()
        self.assertEqual(sorted(self.passes(after)), sorted(new))
        ada.command("dkim", "retire")
        self.passes(before)
        self.assertIn("There is nothing to do", ada.remark("dkim", "remove"))
        self.assertIn("still valid", ada.refusal("dkim", "remove", old[0]))
        ada.command("dkim", "remove", "--now")
        publish()
        self.assertEqual(sorted(key["selector"] for key in dkim("records", "--check")), sorted(new))
        self.passes(after)
        network.eventually("the old record to be gone", lambda: by_python(before)[0][2] == "fail")


if __name__ == "__main__":
    unittest.main()
