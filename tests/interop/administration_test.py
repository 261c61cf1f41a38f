#!/usr/bin/env python3
"""The command line against a running daemon, and without one."""

import base64
import hmac
import imaplib
import os
import re
import signal
import smtplib
import socket
import stat
import subprocess
import time
import unittest

import pod


def one_time_code(key, moment):
    """RFC 6238."""
    digest = hmac.digest(key, int(moment // 30).to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 15
    return f"{(int.from_bytes(digest[offset:offset + 4], 'big') & 0x7fffffff) % 10**6:06}"


class Membership(pod.OnePod):
    def test_a_suspended_member_is_out_at_once_and_back_when_reinstated(self):
        password = self.pod.newcomer("dora")
        session = self.pod.imap("dora", password)
        session.select("INBOX")
        session.send(b"i IDLE\r\n")
        session.readline()
        self.pod.as_maintainer("member", "suspend", "dora", "--reason", "test")
        self.assertIn(b"BYE", session.readline())
        with self.assertRaises(imaplib.IMAP4.error):
            self.pod.imap("dora", password)
        self.assertEqual(self.rcpt("dora@pod.lab"), (450, b"4.2.1"))
        self.assertIn("suspended until", self.pod.run("member", "list").stdout)

        self.pod.as_maintainer("member", "reinstate", "dora", "--reason", "test")
        self.assertEqual(self.rcpt("dora@pod.lab")[0], 250)
        self.pod.imap("dora", password).logout()

    def rcpt(self, recipient):
        with self.pod.exchange() as client:
            client.ehlo()
            client.mail("a@elsewhere.lab")
            code, text = client.rcpt(recipient)
            return code, text.split()[0]

    def test_mail_waits_for_a_newcomer_and_a_code_works_once(self):
        code = self.pod.as_maintainer("member", "admit", "erin").stdout
        with self.pod.exchange() as client:
            client.sendmail("a@elsewhere.lab", ["erin@pod.lab"], pod.message("early mail", to="erin@pod.lab").as_bytes())
        password = self.pod.run("enrol", "--app", "phone", stdin=code).stdout.split("\t")[1].strip()
        pod.wait_for(self.pod.imap("erin", password), "INBOX", ("SUBJECT", '"early mail"'))
        again = self.pod.run("enrol", "--app", "phone", stdin=code, check=False)
        self.assertNotEqual(again.returncode, 0)

    def test_a_lost_code_is_issued_anew(self):
        lost = self.pod.as_maintainer("member", "admit", "faye").stdout
        code = self.pod.as_maintainer("member", "reissue", "faye").stdout
        self.assertNotEqual(self.pod.run("enrol", "--app", "x", stdin=lost, check=False).returncode, 0)
        self.assertEqual(self.pod.run("enrol", "--app", "x", stdin=code).returncode, 0)

    def test_a_member_adds_and_revokes_app_passwords(self):
        first = self.pod.newcomer("gail")
        second = self.pod.run("app-password", "add", "gail", "laptop", stdin=first + "\n").stdout.strip()
        session = self.pod.imap("gail", second)
        self.assertIn("laptop", self.pod.run("app-password", "list", "gail", stdin=first + "\n").stdout)
        self.pod.run("app-password", "revoke", "gail", "laptop", stdin=first + "\n")
        with self.assertRaises((imaplib.IMAP4.abort, imaplib.IMAP4.error, OSError)):
            session.select("INBOX")
        with self.assertRaises(imaplib.IMAP4.error):
            self.pod.imap("gail", second)
        self.pod.imap("gail", first).logout()

    def test_a_human_password_enrols_and_manages(self):
        code = self.pod.as_maintainer("member", "admit", "hana").stdout.split("\t")[1]
        self.pod.run("enrol", "hana", stdin=code + "correct horse battery\ncorrect horse battery\n")
        app = self.pod.run("app-password", "add", "hana", "phone", stdin="correct horse battery\n").stdout.strip()
        self.pod.imap("hana", app).logout()

    def test_a_member_who_lost_phone_and_password_comes_back(self):
        old, new = "correct horse battery", "staple of another kind"
        code = self.pod.as_maintainer("member", "admit", "iris").stdout.split("\t")[1]
        enrolled = self.pod.run("enrol", "iris", "--app", "phone", stdin=f"{code}{old}\n{old}\n").stdout
        _, phone, recovery = enrolled.strip().split("\t")
        session = self.pod.imap("iris", phone)

        again = self.pod.run("password", "iris", stdin=f"{recovery}\n{new}\n{new}\n").stdout.strip()
        self.assertNotEqual(self.pod.run("password", "iris", stdin=f"{recovery}\n{old}\n{old}\n", check=False).returncode, 0)
        self.assertNotEqual(self.pod.run("app-password", "list", "iris", stdin=f"{old}\n", check=False).returncode, 0)
        self.pod.run("app-password", "revoke", "iris", "phone", stdin=f"{new}\n")
        with self.assertRaises((imaplib.IMAP4.abort, imaplib.IMAP4.error, OSError)):
            session.select("INBOX")
        app = self.pod.run("app-password", "add", "iris", "new phone", "--days", "30", stdin=f"{new}\n").stdout.strip()
        client = self.pod.imap("iris", app)
        for subject in ("Your recovery code was used", "A secret was revoked", "A new app password"):
            pod.wait_for(client, "INBOX", ("SUBJECT", f'"{subject}"'))
        listed = self.pod.run("app-password", "list", "iris", stdin=f"{new}\n").stdout
        self.assertIn("recovery   recovery code", listed)
        self.assertRegex(listed, r"new phone  last used \S+  until \d{4}-")
        self.assertNotIn(again, listed)

    def test_a_printer_sends_and_reads_nothing(self):
        app = self.pod.newcomer("jack")
        printer = self.pod.run("app-password", "add", "jack", "printer", "--send-only", stdin=app + "\n").stdout.strip()
        with self.assertRaises(imaplib.IMAP4.error):
            self.pod.imap("jack", printer)
        with self.pod.submission("jack", printer) as client:
            client.send_message(pod.message("a scanned page", to="jack@pod.lab", sender="jack@pod.lab"))
        pod.wait_for(self.pod.imap("jack", app), "INBOX", ("SUBJECT", '"a scanned page"'))

    def test_one_time_codes_are_asked_for_beside_the_password(self):
        password = "correct horse battery"
        code = self.pod.as_maintainer("member", "admit", "kate").stdout.split("\t")[1]
        self.pod.run("enrol", "kate", stdin=f"{code}{password}\n{password}\n")
        command = subprocess.Popen([pod.MAILPOD, "--pod", str(self.pod.path), "totp", "enable", "kate"], text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        command.stdin.write(password + "\n")
        command.stdin.flush()
        uri = command.stdout.readline()
        key = base64.b32decode(re.search(r"secret=(\w+)", uri).group(1))
        out, _ = command.communicate(one_time_code(key, time.time()) + "\n")
        backup = out.split()
        self.assertEqual(len(backup), 10)
        refused = self.pod.run("app-password", "list", "kate", stdin=password + "\n", check=False)
        self.assertIn("one-time code", refused.stderr)
        self.pod.run("app-password", "list", "kate", stdin=f"{password}\n{one_time_code(key, time.time() + 30)}\n")
        self.pod.run("totp", "disable", "kate", stdin=f"{password}\n{backup[0]}\n")
        self.pod.run("app-password", "list", "kate", stdin=password + "\n")

    def test_without_the_maintainers_key_nobody_is_admitted(self):
        done = self.pod.run("member", "admit", "mallory", "--maintainer-key", "/nonexistent", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("/nonexistent: ", done.stderr)

    def test_check_and_status_say_that_all_is_well(self):
        checked = self.pod.run("check")
        self.assertIn("OK ", checked.stdout)
        self.assertNotIn("FAULT", checked.stdout)
        self.assertIn(f"daemon {self.pod.process} ", self.pod.run("status").stdout)

    def test_every_command_explains_itself(self):
        for command in ((), ("init",), ("charter",), ("charter", "sign"), ("member",), ("member", "admit"), ("enrol",),
                        ("app-password",), ("app-password", "add"), ("serve",), ("queue",), ("queue", "retry"), ("queue", "route"),
                        ("queue", "drop"), ("status",), ("check",)):
            self.assertIn("Usage", self.pod.run(*command, "--help").stdout)
        self.assertEqual(self.pod.run("serve", "--loudly", check=False).returncode, 2)


class Life(pod.OnePod):
    def test_a_second_serve_is_refused(self):
        done = self.pod.run("serve", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("another mailpod works on this pod", done.stderr)

    def test_the_control_socket_is_its_owners(self):
        status = os.stat(self.pod.path / "control.sock")
        self.assertTrue(stat.S_ISSOCK(status.st_mode))
        self.assertEqual(stat.S_IMODE(status.st_mode), 0o600)

    def test_term_ends_sessions_politely_within_five_seconds(self):
        idle, waiting = self.pod.imap("bob"), self.pod.submission("alice")
        idle.select("INBOX")
        idle.send(b"i IDLE\r\n")
        idle.readline()
        began = time.monotonic()
        process = os.pidfd_open(self.pod.process)
        os.kill(self.pod.process, signal.SIGTERM)
        self.assertIn(b"BYE", idle.readline())
        self.assertTrue(waiting.getreply()[0] == 421)
        import select
        self.assertTrue(select.select([process], [], [], 5)[0], "still running")
        self.assertLess(time.monotonic() - began, 5)
        os.close(process)
        self.assertFalse((self.pod.path / "control.sock").exists())
        self.assertIn("no daemon runs", self.pod.run("status").stdout)
        self.pod.start()

    def test_after_kill_nothing_acknowledged_is_missing(self):
        with self.pod.submission("alice") as client:
            for number in range(10):
                client.send_message(pod.message(f"killed {number}"))
            os.kill(self.pod.process, signal.SIGKILL)
        self.pod.start()
        client = self.pod.imap("bob")
        for number in range(10):
            self.assertEqual(len(pod.wait_for(client, "INBOX", ("SUBJECT", f'"killed {number}"'))), 1)

    def test_commands_work_without_a_daemon(self):
        self.pod.stop()
        password = self.pod.newcomer("ivy")
        self.assertIn("ivy@pod.lab", self.pod.run("member", "list").stdout)
        self.pod.start()
        self.pod.imap("ivy", password).logout()


class Broken(unittest.TestCase):
    def setUp(self):
        self.pod = pod.Pod()
        self.pod.stop()

    def tearDown(self):
        self.pod.remove()

    def refusal(self):
        done = self.pod.run("serve", check=False)
        self.assertEqual(done.returncode, 1)
        return done.stderr

    def test_configuration_charter_and_keys_refuse_with_file_and_remedy(self):
        def with_change(name, change):
            path = self.pod.path / name
            before = path.read_bytes()
            path.write_bytes(change(before))
            refused = self.refusal()
            path.write_bytes(before)
            return refused

        lines = (self.pod.path / "mailpod.toml").read_text().splitlines()
        line = next(number for number, text in enumerate(lines, 1) if text.startswith("port = "))
        refused = with_change("mailpod.toml", lambda text: text.replace(b"port = ", b"prot = ", 1))
        self.assertIn(f"mailpod.toml:{line}: listen.smtp.prot is no setting", refused)
        refused = with_change("governance/charter-0001.toml", lambda text: text.replace(b"pod", b"pid", 1))
        self.assertIn("charter-0001.toml", refused)
        refused = with_change("server.key", lambda text: text[:-3] + b"\n")
        self.assertIn("server.key:2: ", refused)
        refused = with_change("tls/key.pem", lambda text: b"nonsense")
        self.assertIn("key.pem", refused)
        signature = next((self.pod.path / "governance").glob("*.minisig"))
        signature.rename(self.pod.folder / "away")
        self.assertIn("charter-0001.toml", self.refusal())
        (self.pod.folder / "away").rename(signature)
        (self.pod.path / "server.key").chmod(0o644)
        self.assertIn("chmod 600", self.refusal())
        (self.pod.path / "server.key").chmod(0o600)

    def test_a_deleted_act_is_noticed(self):
        acts = sorted((self.pod.path / "governance/acts").iterdir())
        acts[-1].unlink()
        self.assertIn("governance", self.refusal())

    def test_a_port_in_use_is_named(self):
        with socket.socket() as busy:
            busy.bind((pod.HOST, self.pod.port("IMAPS")))
            busy.listen()
            self.assertIn(str(self.pod.port("IMAPS")), self.refusal())


if __name__ == "__main__":
    unittest.main()
