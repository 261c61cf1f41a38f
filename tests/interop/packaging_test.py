#!/usr/bin/env python3
"""What is installed besides the program: the unit and its sandbox, the fail2ban filter, manual pages and completions."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import pod

PACKAGING = pod.ROOT / "packaging"
# fail2ban is unpacked, not installed: installed it would start (packaging/packages.sh).
PEERS = pathlib.Path(os.environ.get("MAILPOD_PEERS", pod.ROOT / "build/peers"))
LOG = """\
2026-11-29T14:12:38.409Z info login.failed protocol=imaps client=203.0.113.5
2026-11-29T14:12:38.415Z info login.refused protocol=submission client=2001:db8::7
Nov 29 14:12:38 host mailpod[123]: 2026-11-29T14:12:38.409Z info login.failed protocol=pop3s client=203.0.113.6
2026-11-29T14:12:38.409Z info imap login refused client=203.0.113.5 reason=name or password is wrong
2026-11-29T14:12:38.415Z info smtp.login peer=203.0.113.9 member=x
2026-11-29T14:12:38.415Z warning imap ended error=x info login.failed protocol=imap client=203.0.113.66
"""


def output(*command, **how):
    return subprocess.run(command, capture_output=True, text=True, timeout=pod.PATIENCE, check=True, **how).stdout


class Unit(unittest.TestCase):
    def test_leaves_little_exposed(self):
        said = output("systemd-analyze", "security", "--offline=true", "--no-pager", str(PACKAGING / "mailpod.service"))
        self.assertLessEqual(float(re.search(r"Overall exposure level for \S+: ([0-9.]+)", said).group(1)), 2.0)

    def test_is_understood(self):
        with tempfile.TemporaryDirectory() as folder:
            unit = pathlib.Path(folder) / "mailpod.service"
            # The program lies elsewhere here; that it is found by name is systemd's promise.
            unit.write_text((PACKAGING / "mailpod.service").read_text().replace("=mailpod ", f"={pod.MAILPOD} "))
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True,
                                  timeout=pod.PATIENCE)
        about_us = [line for line in done.stderr.splitlines() if "mailpod" in line and "User" not in line]
        self.assertEqual(about_us, [])


class Fail2ban(unittest.TestCase):
    def lines_of(self, pattern):
        # fail2ban takes the first date out of a line before it looks.
        date = re.compile(r"^(?:[A-Z][a-z]{2} +\d+ [\d:]{8}|[\dT:.-]+Z)")
        return [bool(pattern.search(date.sub("", line))) for line in LOG.splitlines()]

    def test_filter_finds_failed_logins_and_nothing_that_a_peer_could_write(self):
        failregex = re.search(r"^failregex = (.*)$", (PACKAGING / "fail2ban/filter.d/mailpod.conf").read_text(), re.M)
        pattern = re.compile(failregex.group(1).replace("<ADDR>", r"[0-9a-f.:]+"))
        self.assertEqual(self.lines_of(pattern), [True, True, True, False, False, False])

    def test_fail2ban_itself_agrees(self):
        tried = shutil.which("fail2ban-regex") or str(PEERS / "usr/bin/fail2ban-regex")
        with tempfile.NamedTemporaryFile("w", suffix=".log") as log:
            log.write(LOG)
            log.flush()
            said = output(tried, log.name, str(PACKAGING / "fail2ban/filter.d/mailpod.conf"),
                          env={**os.environ, "PYTHONPATH": str(PEERS / "usr/lib/python3/dist-packages")})
        self.assertIn("6 lines, 0 ignored, 3 matched, 3 missed", said)


class Manual(unittest.TestCase):
    def commands(self, *path):
        """All that `--help` shows, and their own, by name."""
        said = output(pod.MAILPOD, *path, "--help")
        listed = said.split("Subcommands:\n", 1)[1] if "Subcommands:\n" in said else ""
        for name in re.findall(r"^  ([a-z-]+) ", listed, re.M):
            yield (*path, name)
            yield from self.commands(*path, name)

    def test_has_every_command_that_help_has(self):
        page = output(pod.MAILPOD, "manual", "mailpod.1")
        in_page = re.findall(r"^\.SS mailpod (.*)$", page, re.M)
        in_help = [" ".join(path) for path in self.commands()]
        self.assertGreater(len(in_help), 30)
        self.assertEqual(sorted(name.replace("\\-", "-") for name in in_page), sorted(in_help))

    def test_has_every_setting_of_the_file_we_ship(self):
        page = output(pod.MAILPOD, "manual", "mailpod.toml.5").replace("\\-", "-")
        for name, value in re.findall(r"^(\w+) = (.*)$", (pod.ROOT / "config/mailpod.toml").read_text(), re.M):
            # Those that a pod must say have no default.
            expected = "" if name in ("domain", "charter") else value
            self.assertIn(f"\\fB{name}\\fR = {expected}", page)

    def test_is_well_formed(self):
        for page in ("mailpod.1", "mailpod.toml.5", "mailpod-charter.5"):
            done = subprocess.run(["man", "--warnings=w", "-l", "-Tutf8", "-"], input=output(pod.MAILPOD, "manual", page),
                                  capture_output=True, text=True, timeout=pod.PATIENCE,
                                  env={**os.environ, "MANWIDTH": "100"})
            self.assertEqual((done.returncode, done.stderr), (0, ""), page)
            self.assertIn("Mailpod", done.stdout)

    def test_bash_completes_commands_and_options(self):
        script = output(pod.MAILPOD, "manual", "mailpod.bash")

        def completed(*words):
            line = " ".join(f"'{word}'" for word in ("mailpod", *words))
            return set(output("bash", "-c", f"{script}\nCOMP_WORDS=({line}); COMP_CWORD={len(words)}; _mailpod; "
                                            "printf '%s\\n' \"${COMPREPLY[@]}\"").split())
        self.assertEqual(completed("que"), {"queue"})
        self.assertEqual(completed("queue", "re"), {"release", "retry"})
        self.assertEqual(completed("--pod", "x", "sessions", ""), completed("sessions", ""))
        self.assertIn("--member", completed("sessions", "close", "--"))

    def test_a_word_that_is_no_command_is_named(self):
        done = subprocess.run([pod.MAILPOD, "nonsense"], capture_output=True, text=True, timeout=pod.PATIENCE)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stderr, "mailpod: there is no command `mailpod nonsense`; `mailpod --help` shows all\n")


if __name__ == "__main__":
    unittest.main()
