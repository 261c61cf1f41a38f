#!/usr/bin/env python3
"""The daemon as a service: reload, log rotation, notifications, handed-over sockets, sessions, health, and back-off."""

import imaplib
import json
import os
import re
import signal
import smtplib
import socket
import ssl
import subprocess
import unittest

import pod

FILTER = pod.ROOT / "packaging/fail2ban/filter.d/mailpod.conf"


class Service(pod.Neighbour):
    """A pod under a service manager: its notifications arrive at `manager`."""

    def __init__(self, *members):
        super().__init__("pod.lab", *members)
        self.set("sending", enabled=False)
        self.set("log", file="mailpod.log")
        self.environment = {}
        self.handed_over = None
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.manager.bind(str(self.folder / "notify"))
        self.manager.settimeout(pod.PATIENCE)

    def start(self):
        with open(self.folder / "errors", "ab") as errors:
            self.serving = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                            stderr=errors, env={**os.environ, **self.environment,
                                                                "NOTIFY_SOCKET": str(self.folder / "notify")},
                                            **self.inherited())
        self.heard("READY=1")

    def command(self):
        # As systemd does it: LISTEN_PID is the process that becomes the daemon.
        as_itself = ["sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh"]
        return [*as_itself, pod.MAILPOD, "--pod", str(self.path), "serve"]

    def hand_over(self, listening, name):
        """A listening socket, as descriptor 3."""
        self.handed_over = listening.fileno()
        self.environment.update(LISTEN_FDS="1", LISTEN_FDNAMES=name)

    def inherited(self):
        if self.handed_over is None:
            return {}
        return {"pass_fds": (3,), "preexec_fn": lambda: os.dup2(self.handed_over, 3)}

    def heard(self, word):
        """The next notification that has this line; those before it are skipped."""
        while True:
            said = self.manager.recv(4096).decode()
            if word in said.split("\n"):
                return said

    def log(self, name="mailpod.log"):
        return (self.path / name).read_text()

    def remove(self):
        self.manager.close()
        super().remove()


class Reload(unittest.TestCase):
    def setUp(self):
        self.pod = Service("alice")
        self.addCleanup(self.pod.remove)
        self.pod.start()

    def certificate(self):
        return ssl.get_server_certificate((pod.HOST, self.pod.port("IMAPS")))

    def new_certificate(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                        "30", "-subj", "/CN=mail.pod.lab", "-keyout", str(self.pod.path / "tls/key.pem"), "-out",
                        str(self.pod.path / "tls/certificate.pem")], check=True, capture_output=True)

    def test_takes_a_renewed_certificate_and_leaves_sessions_alone(self):
        session = self.pod.imap("alice")
        before = self.certificate()
        self.new_certificate()
        done = self.pod.run("reload")
        self.assertIn("read again     1 certificates", done.stdout)
        self.assertNotEqual(self.certificate(), before)
        self.assertEqual(session.noop()[0], "OK")

    def test_says_what_changed_and_what_needs_a_restart(self):
        self.pod.set("smtp", recipients=177)
        self.pod.set("process", threads=5)
        answer = json.loads(self.pod.run("--json", "reload").stdout)
        self.assertEqual(answer["changed"], ["smtp.recipients"])
        self.assertEqual(answer["need_restart"], ["process.threads"])
        self.assertIn("reload needs_restart=process.threads", self.pod.log())

    def test_new_settings_are_for_sessions_that_begin_later(self):
        early = self.pod.exchange()
        early.ehlo()
        self.pod.set("messages", size_octets=1234567)
        self.pod.run("reload")
        late = self.pod.exchange()
        late.ehlo()
        early.ehlo()
        self.assertEqual(late.esmtp_features["size"], "1234567")
        self.assertNotEqual(early.esmtp_features["size"], "1234567")
        early.quit()
        late.quit()

    def test_a_broken_file_leaves_all_as_it_was_and_is_named_with_its_line(self):
        path = self.pod.path / "mailpod.toml"
        whole = path.read_text()
        self.pod.set("smtp", recipients=177)
        path.write_text(path.read_text() + "nonsense = 1\n")
        line = path.read_text().count("\n")
        done = self.pod.run("reload", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"mailpod.toml:{line}: log.nonsense is no setting", done.stderr)
        self.assertRegex(self.pod.log(), rf"error reload refused reason=\".*mailpod.toml:{line}: ")
        path.write_text(whole)
        self.assertEqual(json.loads(self.pod.run("--json", "reload").stdout)["changed"], [])

    def test_a_broken_certificate_leaves_the_old_one_in_force(self):
        before = self.certificate()
        self.pod.set("smtp", recipients=177)
        (self.pod.path / "tls/certificate.pem").write_text("nonsense")
        done = self.pod.run("reload", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("tls/certificate.pem holds no PEM certificate", done.stderr)
        self.assertEqual(self.certificate(), before)

    def test_sighup_reloads_and_opens_the_log_anew(self):
        os.rename(self.pod.path / "mailpod.log", self.pod.path / "mailpod.log.1")
        self.pod.set("log", level="debug")
        self.pod.serving.send_signal(signal.SIGHUP)
        self.assertRegex(self.pod.heard("RELOADING=1"), r"MONOTONIC_USEC=\d+")
        self.pod.heard("READY=1")
        self.assertIn("reload done changed=log.level", self.pod.log())
        self.assertNotIn("reload done", self.pod.log("mailpod.log.1"))

    def test_a_log_that_cannot_be_opened_leaves_the_old_one(self):
        self.pod.set("log", file="no/such/folder/log")
        self.assertEqual(self.pod.run("reload", check=False).returncode, 1)
        self.assertIn("reload refused", self.pod.log())

    def test_without_a_daemon_there_is_nothing_to_reload(self):
        self.pod.stop()
        done = self.pod.run("reload", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no daemon runs", done.stderr)


class Manager(unittest.TestCase):
    def setUp(self):
        self.pod = Service()
        self.addCleanup(self.pod.remove)

    def test_hears_of_the_end(self):
        self.pod.start()
        self.pod.serving.terminate()
        self.pod.heard("STOPPING=1")
        self.assertEqual(self.pod.serving.wait(pod.PATIENCE), 0)

    def test_hears_that_every_loop_turns(self):
        self.pod.environment = {"WATCHDOG_USEC": "300000"}
        self.pod.start()
        for _ in range(3):
            self.assertIn("STATUS=0 connections, 0 queued", self.pod.heard("WATCHDOG=1"))

    def test_opens_the_ports_and_hands_them_over(self):
        listening = socket.create_server((pod.HOST, 0))
        self.addCleanup(listening.close)
        self.pod.set("listen.smtp", port=0)
        self.pod.hand_over(listening, "smtp")
        self.pod.start()
        with smtplib.SMTP(pod.HOST, listening.getsockname()[1], timeout=pod.PATIENCE) as client:
            self.assertEqual(client.ehlo()[0], 250)

    def test_may_not_hand_over_what_is_no_listeners(self):
        listening = socket.create_server((pod.HOST, 0))
        self.addCleanup(listening.close)
        self.pod.hand_over(listening, "gopher")
        done = subprocess.run(self.pod.command(), capture_output=True, text=True, timeout=pod.PATIENCE,
                              env={**os.environ, **self.pod.environment}, **self.pod.inherited())
        self.assertEqual(done.returncode, 1)
        self.assertIn("FileDescriptorName= must be smtp", done.stderr)

    def test_brings_the_server_key_as_a_credential(self):
        credentials = self.pod.folder / "credentials"
        credentials.mkdir()
        os.rename(self.pod.path / "server.key", credentials / "server.key")
        self.pod.set("pod", server_key="credential:server.key")
        self.pod.environment = {"CREDENTIALS_DIRECTORY": str(credentials)}
        self.pod.start()
        self.assertEqual(self.pod.run("status").returncode, 0)


class Sessions(unittest.TestCase):
    def setUp(self):
        self.pod = Service("alice", "bob")
        self.addCleanup(self.pod.remove)
        self.pod.start()

    def listed(self):
        return json.loads(self.pod.run("--json", "sessions", "list").stdout)["sessions"]

    def test_are_listed_with_whose_they_are(self):
        session = self.pod.imap("alice")
        stranger = self.pod.exchange()
        listed = {one["listener"]: one for one in self.listed()}
        self.assertEqual(set(listed), {"imaps", "smtp"})
        self.assertEqual(listed["imaps"]["name"], "alice@pod.lab")
        self.assertRegex(listed["imaps"]["tls"], r"TLSv1\.[23]")
        self.assertEqual(listed["imaps"]["address"], pod.HOST)
        self.assertEqual(listed["imaps"]["port"], session.sock.getsockname()[1])
        self.assertEqual((listed["smtp"]["state"], listed["smtp"]["tls"]), ("stranger", ""))
        self.assertIn("alice@pod.lab", self.pod.run("sessions", "list").stdout)
        stranger.close()

    def test_that_are_closed_hear_their_protocols_goodbye(self):
        session = self.pod.imap("alice")
        stranger = self.pod.exchange()
        for one in self.listed():
            self.pod.run("sessions", "close", str(one["session"]))
        self.assertTrue(session.readline().startswith(b"* BYE "))
        self.assertEqual(stranger.getreply()[0], 421)
        self.assertEqual(self.pod.run("sessions", "close", "99999", check=False).returncode, 1)
        stranger.close()

    def test_of_a_member_end_all_and_no_others(self):
        alices = [self.pod.imap("alice") for _ in range(2)]
        bobs = self.pod.imap("bob")
        self.assertEqual(json.loads(self.pod.run("--json", "sessions", "close", "--member", "alice").stdout), {"closed": 2})
        for session in alices:
            self.assertTrue(session.readline().startswith(b"* BYE "))
        self.assertEqual(bobs.noop()[0], "OK")
        self.pod.imap("alice").logout()

    def test_close_wants_one_or_a_member(self):
        self.assertEqual(self.pod.run("sessions", "close", check=False).returncode, 2)
        self.assertEqual(self.pod.run("sessions", "close", "1", "--member", "alice", check=False).returncode, 2)

    def test_health_is_well_while_it_runs_and_not_otherwise(self):
        done = self.pod.run("--json", "health")
        self.assertEqual(json.loads(done.stdout), {"well": True, "parts": dict.fromkeys(
            ("loops", "pool", "disk", "queue", "members"), "well")})
        self.pod.stop()
        self.assertEqual(self.pod.run("health", check=False).returncode, 1)


class BackOff(unittest.TestCase):
    def setUp(self):
        self.pod = Service("alice", "bob")
        self.addCleanup(self.pod.remove)

    def failed(self, name, times):
        for _ in range(times):
            with self.assertRaisesRegex(imaplib.IMAP4.error, "AUTHENTICATIONFAILED"):
                self.pod.imap(name, "wrong")

    def test_an_address_that_fails_is_refused_but_not_who_succeeded_there_before(self):
        self.pod.set("guard", exempt=[], failed_logins_of_address=3, login_delay_milliseconds=0)
        self.pod.start()
        self.pod.imap("alice").logout()
        self.failed("nobody", 3)
        with self.assertRaisesRegex(imaplib.IMAP4.error, "UNAVAILABLE"):
            self.pod.imap("bob")
        self.pod.imap("alice").logout()
        self.assertIn(f"info login.failed protocol=imaps client={pod.HOST}\n", self.pod.log())
        self.assertIn(f"info login.refused protocol=imaps client={pod.HOST}\n", self.pod.log())
        # More patience, told by a reload, counts at once.
        self.pod.set("guard", failed_logins_of_address=30)
        self.pod.run("reload")
        self.pod.imap("bob").logout()

    def test_log_lines_are_those_that_fail2ban_looks_for(self):
        self.pod.set("guard", exempt=[], failed_logins_of_address=2, login_delay_milliseconds=0)
        self.pod.start()
        self.failed("nobody", 2)
        with self.assertRaises(smtplib.SMTPAuthenticationError) as refused:
            self.pod.submission("bob")
        self.assertEqual(refused.exception.smtp_code, 454)
        failregex = re.search(r"^failregex = (.*)$", FILTER.read_text(), re.M).group(1)
        pattern = re.compile(failregex.replace("<ADDR>", r"(?P<addr>[0-9a-f.:]+)"))
        found = [line for line in self.pod.log().splitlines() if pattern.search(line.split(" ", 1)[1])]
        # smtplib tries another mechanism once one is refused.
        self.assertEqual([line.split()[2] for line in found], ["login.failed"] * 2 + ["login.refused"] * 2)
        self.assertEqual({pattern.search(line).group("addr") for line in found}, {pod.HOST})

    def test_too_many_messages_and_recipients_are_put_off(self):
        self.pod.set("guard", exempt=[], messages_of_address=1, recipients_of_address=2)
        self.pod.start()
        with self.pod.exchange() as client:
            client.ehlo()
            self.assertEqual(client.mail("a@elsewhere.lab")[0], 250)
            self.assertEqual(client.rcpt("alice@pod.lab")[0], 250)
            self.assertEqual(client.rcpt("bob@pod.lab")[0], 250)
            self.assertEqual(client.rcpt("alice@pod.lab")[0], 450)
            client.rset()
            code, text = client.mail("a@elsewhere.lab")
            self.assertEqual((code, text.split()[0]), (450, b"4.7.0"))

    def test_too_many_connections_hear_421(self):
        self.pod.set("guard", exempt=[], connections_of_address=2)
        self.pod.start()
        for _ in range(2):
            self.pod.exchange().quit()
        with self.assertRaises(smtplib.SMTPConnectError) as refused:
            self.pod.exchange()
        self.assertEqual((refused.exception.smtp_code, refused.exception.smtp_error.split()[0]), (421, b"4.7.0"))

    def test_a_member_who_sends_too_much_is_put_off_wherever_they_are(self):
        self.pod.set("guard", messages_of_member=2)
        self.pod.start()
        with self.pod.submission("alice") as client:
            for _ in range(2):
                client.sendmail("alice@pod.lab", ["bob@pod.lab"], pod.message().as_bytes())
            with self.assertRaises(smtplib.SMTPSenderRefused) as refused:
                client.sendmail("alice@pod.lab", ["bob@pod.lab"], pod.message().as_bytes())
            self.assertEqual((refused.exception.smtp_code, refused.exception.smtp_error.split()[0]), (450, b"4.7.0"))
        with self.pod.submission("bob") as client:
            client.sendmail("bob@pod.lab", ["alice@pod.lab"], pod.message(sender="bob@pod.lab").as_bytes())


if __name__ == "__main__":
    unittest.main()
