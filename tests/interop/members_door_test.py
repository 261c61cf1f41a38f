#!/usr/bin/env python3
"""The members' door: `mailpod --at HOST …` by somebody who has nothing of the pod's machine but its certificate."""

import base64
import contextlib
import json
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
import unittest

import pod
from administration_test import one_time_code


class MembersDoor(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pod = pod.Neighbour("pod.lab", "alice", "bob")
        with socket.socket() as found:
            found.bind((pod.HOST, 0))
            cls.port = found.getsockname()[1]
        cls.pod.set("listen.members", address=pod.HOST, port=cls.port)
        cls.pod.start()
        # What a member has: the program, and the certificate that the pod made for itself.
        cls.home = pathlib.Path(tempfile.mkdtemp(prefix="member-"))
        shutil.copy(cls.pod.path / "tls/certificate.pem", cls.home / "pod.pem")
        os.chmod(cls.home, 0o755)
        os.chmod(cls.home / "pod.pem", 0o644)

    @classmethod
    def tearDownClass(cls):
        cls.pod.remove()
        shutil.rmtree(cls.home)

    def somebody(self, ca="pod.pem", host="localhost"):
        """Who may not enter the pod's folder."""
        user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        environment = {"PATH": os.environ["PATH"], "MAILPOD_AT": f"{host}:{self.port}"}
        if ca:
            environment["MAILPOD_CA"] = str(self.home / ca)
        return {"cwd": self.home, "env": environment, "text": True, **user}

    def at(self, *arguments, secret=None, check=True, **who):
        done = subprocess.run([pod.MAILPOD, *arguments], input=secret + "\n" if secret else "", capture_output=True,
                              timeout=pod.PATIENCE, **self.somebody(**who))
        if check and done.returncode != 0:
            raise AssertionError(done.stderr)
        return done

    def refused(self, *arguments, **more):
        done = self.at(*arguments, check=False, **more)
        self.assertEqual(done.returncode, 1, done.stdout)
        return done.stderr

    def tls(self):
        connection = socket.create_connection((pod.HOST, self.port), timeout=pod.PATIENCE)
        return self.pod.tls.wrap_socket(connection, server_hostname="localhost")

    def test_a_member_makes_lists_and_revokes_an_app_password(self):
        alice = self.pod.password("alice")
        made = self.at("app-password", "add", "alice", "laptop", secret=alice).stdout.strip()
        with pod.imaplib.IMAP4_SSL(pod.HOST, self.pod.port("IMAPS"), ssl_context=self.pod.tls) as client:
            client.login("alice@pod.lab", made)
        listed = json.loads(self.at("--json", "app-password", "list", "alice", secret=made).stdout)
        self.assertIn("laptop", [slot["name"] for slot in listed["slots"]])
        self.assertEqual(self.at("app-password", "revoke", "alice", "laptop", secret=alice).stdout, "revoked\n")
        self.assertIn("it is refused", self.refused("app-password", "list", "alice", secret=made))

    def test_a_member_forwards_and_looks_after_the_vault(self):
        alice = self.pod.password("alice")
        self.at("forward", "set", "alice", "alice@elsewhere.example", secret=alice)
        self.assertIn("alice@elsewhere.example", self.at("forward", "show", "alice", secret=alice).stdout)
        self.at("forward", "clear", "alice", secret=alice)
        self.assertIn("0 faults", self.at("vault", "verify", "alice", secret=alice).stdout)
        self.assertIn("journal", self.at("vault", "stats", "alice", secret=alice).stdout)
        self.assertEqual(self.at("vault", "archive", "show", "alice", secret=alice).stdout, "none\n")
        # Of their own vault alone.
        for command in ("verify", "stats", "compact"):
            self.at("vault", command, "bob", secret=alice, check=False)
            self.assertIn("it is refused", self.at("vault", command, "bob", secret=alice, check=False).stderr)

    def test_a_member_sees_and_closes_their_own_sessions(self):
        alice, bob = self.pod.imap("alice"), self.pod.imap("bob")
        seen = json.loads(self.at("--json", "sessions", "list", "--mine", "alice",
                                  secret=self.pod.password("alice")).stdout)["sessions"]
        self.assertEqual({session["name"] for session in seen}, {"alice@pod.lab"})
        self.assertEqual(sorted(session["listener"] for session in seen)[0], "imaps")
        theirs = json.loads(self.pod.run("--json", "sessions", "list").stdout)["sessions"]
        of_bob = next(str(one["session"]) for one in theirs if one.get("name") == "bob@pod.lab")
        self.assertIn("there is no such session", self.refused("sessions", "close", of_bob, "--mine", "alice",
                                                               secret=self.pod.password("alice")))
        self.at("sessions", "close", "--mine", "alice", secret=self.pod.password("alice"))
        with self.assertRaises((pod.imaplib.IMAP4.abort, OSError)):
            alice.noop()
            alice.noop()
        self.assertEqual(bob.noop()[0], "OK")

    def test_a_newcomer_enrols(self):
        code = self.pod.as_maintainer("member", "admit", "carol").stdout.split("\t")[1].strip()
        made = self.at("enrol", "carol", "--no-password", "--app", "phone", secret=code).stdout.split("\t")[1].strip()
        self.assertIn("phone", self.at("app-password", "list", "carol", secret=made).stdout)
        self.assertIn("it is refused", self.refused("enrol", "carol", "--no-password", "--app", "phone", secret=code))

    def test_who_forgot_the_password_makes_another_by_the_recovery_code(self):
        code = self.pod.as_maintainer("member", "admit", "dora").stdout.split("\t")[1].strip()
        app, recovery = self.at("enrol", "dora", "--app", "phone",
                                secret=f"{code}\nsteam kettle\nsteam kettle").stdout.strip().split("\t")[1:]
        wrong = self.refused("password", "dora", secret=f"{recovery[:-1]}\ncopper kettle\ncopper kettle")
        self.assertIn("it is refused", wrong)
        made = self.at("password", "dora", secret=f"{recovery}\ncopper kettle\ncopper kettle").stdout
        self.assertNotIn(recovery, made)
        self.assertIn("phone", self.at("app-password", "list", "dora", secret="copper kettle").stdout)
        self.assertIn("it is refused", self.refused("app-password", "list", "dora", secret="steam kettle"))
        self.assertIn("it is refused", self.refused("password", "dora", secret=f"{recovery}\nx kettle x\nx kettle x"))
        self.assertIn("phone", self.at("app-password", "list", "dora", secret=app).stdout)

    def test_who_has_one_time_codes_gives_password_and_code(self):
        password = "steam kettle"
        code = self.pod.as_maintainer("member", "admit", "emma").stdout.split("\t")[1].strip()
        phone = self.at("enrol", "emma", "--app", "phone",
                        secret=f"{code}\n{password}\n{password}").stdout.strip().split("\t")[1]
        enabling = subprocess.Popen([pod.MAILPOD, "totp", "enable", "emma"], stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, **self.somebody())
        enabling.stdin.write(password + "\n")
        enabling.stdin.flush()
        uri = enabling.stdout.readline()
        self.assertTrue(uri.startswith("otpauth://totp/localhost:emma?secret="), uri)
        key = base64.b32decode(re.search(r"secret=(\w+)", uri).group(1))
        out, trouble = enabling.communicate(one_time_code(key, time.time()) + "\n", timeout=pod.PATIENCE)
        self.assertEqual(enabling.returncode, 0, trouble)
        backup = iter(out.split())
        self.assertIn("one-time code", self.refused("app-password", "list", "emma", secret=password))
        self.assertIn("phone", self.at("app-password", "list", "emma", secret=f"{password}\n{next(backup)}").stdout)
        self.at("sessions", "list", "--mine", "emma", secret=f"{password}\n{next(backup)}")
        # An app password is no way round them.
        self.assertIn("may not do that", self.refused("vault", "rekey", "emma", "--yes", secret=phone))
        self.assertIn("may not do that", self.refused("app-password", "revoke", "emma", "password", secret=phone))
        self.at("vault", "rekey", "emma", "--yes", secret=f"{password}\n{next(backup)}")
        self.assertIn("it is refused", self.refused("app-password", "list", "emma", secret=phone))

    def test_mail_leaves_and_comes_in(self):
        with self.pod.imap("alice") as client:
            client.create("Moved")
            for number in range(100):
                client.append("Moved", "", None, pod.message(f"letter {number}").as_bytes())
            large = pod.message("large", body="All of it is here.\r\n" * 20_000).as_bytes()
            client.append("Moved", r"(\Flagged)", None, large)
        mail = self.home / "mail"
        mail.mkdir()
        os.chmod(mail, 0o777)
        done = json.loads(self.at("--json", "export", "alice", str(mail), "--mailbox", "Moved",
                                  secret=self.pod.password("alice")).stdout)
        self.assertEqual(done["written"], 101)
        for taken in (101, 0):
            done = json.loads(self.at("--json", "import", "bob", str(mail), secret=self.pod.password("bob")).stdout)
            self.assertEqual((done["taken"], done["passed_over"]), (taken, 0))
        with self.pod.imap("bob") as client:
            self.assertEqual(client.select("Moved")[1], [b"101"])
            number = client.search(None, "SUBJECT", "large")[1][0].decode()
            self.assertEqual(client.fetch(number, "(BODY.PEEK[])")[1][0][1], large)

    def test_administration_is_refused(self):
        for arguments in (("status",), ("member", "list"), ("queue", "list"), ("sessions", "list"), ("reload",),
                          ("member", "show", "alice"), ("dkim", "list"), ("charter", "show"), ("health",)):
            self.assertIn("not asked for at the members' door", self.refused(*arguments))

    def test_what_needs_the_pods_own_machine_says_so(self):
        for words in (("serve",), ("check",), ("init", "elsewhere", "--domain", "pod.lab"), ("server-key", "show")):
            asked = self.at(*words, check=False)
            self.assertEqual(asked.returncode, 2, asked.stdout)
            self.assertIn(f"not at localhost:{self.port}", asked.stderr)

    def test_a_certificate_that_nobody_vouches_for_gets_no_secret(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=DNS:localhost", "-keyout", self.home / "other.key", "-out",
                        self.home / "other.pem"], check=True, capture_output=True)
        os.chmod(self.home / "other.pem", 0o644)
        heard = self.pod.folder / "mailpod.log"
        before = heard.read_text().count("members operation=")
        for more in ({"ca": "other.pem"}, {"ca": None}):
            self.assertIn("its certificate is not for this name",
                          self.refused("app-password", "list", "alice", secret=self.pod.password("alice"), **more))
        self.assertIn("no host name", self.refused("app-password", "list", "alice", secret="x", host=pod.HOST))
        self.assertEqual(heard.read_text().count("members operation="), before)

    def test_a_flood_is_bounded(self):
        with contextlib.ExitStack() as held:
            answered = 0
            for _ in range(60):
                try:
                    connection = held.enter_context(self.tls())
                except OSError:
                    continue
                answered += 1
            self.assertLessEqual(answered, 20)
        # A line without an end is not kept.
        with self.tls() as connection:
            with contextlib.suppress(OSError):
                for _ in range(64):
                    connection.sendall(b"x" * 65536)
            with contextlib.suppress(OSError):
                self.assertIn(b"cannot be understood", connection.recv(4096) or b"cannot be understood")
        self.assertEqual(self.at("vault", "archive", "show", "bob", secret=self.pod.password("bob")).stdout, "none\n")

    def test_what_is_no_request_ends_the_conversation(self):
        for line in (b"EHLO example.org\r\n", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"{}\r\n", b"{}\n", b"\0\r\n"):
            with self.tls() as connection:
                connection.sendall(line)
                reply = b""
                with contextlib.suppress(ssl.SSLError, ConnectionError):
                    while piece := connection.recv(4096):
                        reply += piece
                self.assertTrue(json.loads(reply)["complaint"]["what"])


if __name__ == "__main__":
    unittest.main()
