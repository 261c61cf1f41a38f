#!/usr/bin/env python3
"""`mailpod export` and `mailpod import` on a pod that serves: mail comes in from elsewhere and leaves again, and programs
of Debian read what was written."""

import email.utils
import json
import mailbox
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import unittest

import pod
import terminal

DATE = 1_600_000_000


class Export(pod.OnePod):
    count = 0

    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.scratch.name)
        self.name, self.password = self.newcomer()
        self.terminals = []

    def tearDown(self):
        for shown in self.terminals:
            shown.close()
        self.scratch.cleanup()

    def newcomer(self):
        Export.count += 1
        name = f"mover{Export.count}"
        return name, self.pod.newcomer(name)

    def client(self, name=None, password=None):
        client = self.pod.imap()
        client.login(self.pod.address(name or self.name), password or self.password)
        return client

    def move(self, command, *arguments, who=None, status=0):
        name, password = who or (self.name, self.password)
        done = self.pod.run("--json", command, name, *map(str, arguments), stdin=password + "\n", check=False)
        self.assertEqual(done.returncode, status, done.stderr + done.stdout)
        return {**json.loads(done.stdout), "said": done.stderr}

    def fill(self, client, count=5):
        """INBOX with flags, and mailboxes of other names."""
        flags = ["", r"\Seen", r"\Flagged \Seen", r"\Answered \Seen Blue", r"\Deleted \Draft $Label1"]
        for number in range(count):
            letter = pod.message(f"letter {number}", body=f"From here on: {number}\r\n\r\n>From there\r\n")
            letter.replace_header("Date", email.utils.formatdate(DATE + number))
            date = f'"{time.strftime("%d-%b-%Y %H:%M:%S +0000", time.gmtime(DATE + number))}"'
            self.assertEqual(client.append("INBOX", f"({flags[number % 5]})", date, letter.as_bytes())[0], "OK")
        client.create('"Work/a.b &- c"')
        client.append('"Work/a.b &- c"', r"(\Seen)", None, pod.message("elsewhere").as_bytes())
        client.append("Sent", r"(\Seen)", None, pod.message("sent").as_bytes())

    def content(self, client):
        """Mailbox → a list of (date, flags, octets)."""
        found = {}
        for line in client.list()[1]:
            name = re.search(rb'"/" "?([^"]*)', line).group(1).decode()
            kind, count = client.select(f'"{name}"', readonly=True)
            if kind != "OK":
                continue
            found[name] = rows = []
            if count == [b"0"]:
                continue
            parts = client.fetch("1:*", "(FLAGS INTERNALDATE BODY.PEEK[])")[1]
            for head, octets in (part for part in parts if isinstance(part, tuple)):
                date = re.search(rb'INTERNALDATE "([^"]*)"', head).group(1)
                flags = sorted(re.search(rb"FLAGS \(([^)]*)\)", head).group(1).split())
                rows.append((date, [flag for flag in flags if flag != rb"\Recent"], octets))
            rows.sort()
        return found

    def test_what_is_exported_and_imported_by_another_member_is_the_same(self):
        client = self.client()
        self.fill(client)
        before = self.content(client)
        for format in ("maildir", "mbox"):
            where = self.folder / format
            self.assertEqual(self.move("export", where, "--format", format)["written"], 7)
            other = self.newcomer()
            taken = self.move("import", where, who=other)
            self.assertEqual((taken["taken"], taken["passed_over"]), (7, 0))
            self.assertEqual(self.content(self.client(*other)), before)
            again = self.move("import", where, who=other)
            self.assertEqual((again["taken"], again["present"]), (0, 7))
            below = self.move("import", where, "--into", "Old", who=other)
            self.assertEqual(below["taken"], 7)
            self.assertEqual(self.content(self.client(*other))["Old"], before["INBOX"])

    def test_an_export_while_others_read_and_mail_comes(self):
        reader = self.client()
        self.fill(reader, 200)
        reader.select("INBOX")
        running = subprocess.Popen([pod.MAILPOD, "--pod", self.pod.path, "export", self.name, self.folder / "out"],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        running.stdin.write(self.password + "\n")
        running.stdin.close()
        while running.poll() is None:
            self.assertEqual(reader.fetch("1:20", "(FLAGS BODY.PEEK[])")[0], "OK")
            reader.store("1", "+FLAGS", r"(\Seen)")
            self.pod.run("status")
        self.assertEqual(running.wait(), 0)
        running.stdout.close()
        self.assertEqual(len(mailbox.Maildir(self.folder / "out")), 200)

    def test_a_killed_export_and_a_killed_import_go_on(self):
        self.fill(self.client(), 300)
        for format in ("maildir", "mbox"):
            where = self.folder / format
            self.kill_when("export", where, "--format", format, until=lambda: (
                any(where.glob("cur/*")) or any(where.glob("*.progress"))))
            done = self.move("export", where, "--format", format)
            self.assertEqual(done["written"] + done["present"], 302)
            self.assertEqual(list(where.rglob("*.part")), [])
            reader = mailbox.Maildir(where) if format == "maildir" else mailbox.mbox(where / "INBOX.mbox")
            self.assertEqual(sorted(letter["Subject"] for letter in reader),
                             sorted(f"letter {number}" for number in range(300)))
            reader.close()
        other = self.newcomer()
        watcher = self.client(*other)
        self.kill_when("import", self.folder / "maildir", who=other,
                       until=lambda: int(watcher.status("INBOX", "(MESSAGES)")[1][0].split()[-1].strip(b")")) > 0)
        done = self.move("import", self.folder / "maildir", who=other)
        self.assertEqual(done["taken"] + done["present"], 302)
        self.assertEqual(self.content(watcher), self.content(self.client()))

    def kill_when(self, command, *arguments, until, who=None):
        """Kills the command once `until` holds, unless it is done before."""
        name, password = who or (self.name, self.password)
        running = subprocess.Popen([pod.MAILPOD, "--pod", self.pod.path, command, name, *map(str, arguments)],
                                   stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        running.stdin.write(password + "\n")
        running.stdin.close()
        while running.poll() is None:
            if until():
                running.send_signal(signal.SIGKILL)
                break
        running.wait()

    def test_a_damaged_message_is_named_and_the_others_are_written(self):
        self.fill(self.client())
        shown = json.loads(self.pod.run("--json", "member", "show", self.name).stdout)
        victim = sorted((self.pod.path / "members" / shown["member"] / "Maildir/cur").iterdir())[0]
        octets = bytearray(victim.read_bytes())
        octets[-20] ^= 1
        middle = len(octets) // 2
        octets[middle] ^= 1
        victim.write_bytes(octets)
        done = self.move("export", self.folder / "out", status=1)
        self.assertEqual((done["written"], done["unreadable"]), (6, 1))
        self.assertRegex(done["said"], r"UID \d+: .*passed over")
        victim.unlink()
        self.assertEqual(self.move("export", self.folder / "out", status=1)["present"], 6)

    def test_what_is_no_mail_is_named_and_the_rest_taken(self):
        box = self.folder / "box"
        for name, octets in {"1.good:2,S": b"Subject: good\n\nb\n", "2.empty:2,": b"", "3.nul:2,": b"Subject: \0\n\n",
                             "4.none:2,": b"no header\n", "5.huge:2,": b"Subject: huge\n\n" + b"x" * (51 << 20),
                             "6.large:2,": b"Subject: large\n\n" + b"line\n" * 500_000}.items():
            (box / "cur").mkdir(parents=True, exist_ok=True)
            (box / "cur" / name).write_bytes(octets)
        (box / "cur/7.link:2,").symlink_to("/etc/passwd")
        (box / "new").mkdir()
        done = self.move("import", box, status=1)
        self.assertEqual((done["taken"], done["passed_over"]), (2, 5))
        for name in ("2.empty", "3.nul", "4.none", "5.huge", "7.link"):
            self.assertRegex(done["said"], name + ".*passed over")
        client = self.client()
        client.select("INBOX")
        self.assertEqual(client.fetch("2", "(RFC822.SIZE)")[1][0], b"2 (RFC822.SIZE 3000018)")
        self.assertEqual(self.move("import", box, status=1)["present"], 2)

    def test_a_wrong_secret_opens_nothing(self):
        done = self.pod.run("export", self.name, str(self.folder / "out"), stdin="wrong wrong wrong\n", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertFalse((self.folder / "out").exists())

    def mutt_sees(self, path):
        home = self.folder / f"terminal{len(self.terminals)}"
        home.mkdir()
        (home / "rc").write_text(f'set folder="{home}" index_format="%C|%Z|%(%s)|%s" sort=subject beep=no help=no '
                                 'read_inc=0 mark_old=no\n')
        shown = terminal.Terminal(home, "mutt", "-F", home / "rc", "-R", "-f", path, environment={"TZ": "UTC"})
        self.terminals.append(shown)
        return shown.sees("letter 0", "letter 4")

    def test_mutt_reads_both_formats(self):
        self.fill(self.client())
        self.move("export", self.folder / "maildir")
        self.move("export", self.folder / "mbox", "--format", "mbox")
        for path in ("maildir", "mbox/INBOX.mbox"):
            screen = self.mutt_sees(self.folder / path)
            rows = re.findall(r"(?m)^\d\|.*$", screen)
            self.assertEqual(rows, [f"{number + 1}|{flags}|{DATE + number}|letter {number}"
                                    for number, flags in enumerate(["O  ", "   ", "  !", "r  ", "OD "])], path)
        for entry in (self.folder / "maildir/cur").iterdir():
            self.assertIn(int(entry.stat().st_mtime) - DATE, range(5))
            self.assertTrue(entry.name.startswith(str(int(entry.stat().st_mtime)) + "."))

    def test_age_opens_the_age_export(self):
        self.fill(self.client())
        identity = self.folder / "identity"
        subprocess.run(["age-keygen", "-o", identity], check=True, capture_output=True)
        recipient = re.search(r"age1\w+", identity.read_text()).group(0)
        out = self.folder / "out"
        self.assertEqual(self.move("export", out, "--format", "age", "--recipient", recipient)["written"], 7)
        opened = lambda path: subprocess.run(["age", "-d", "-i", identity, path], check=True, capture_output=True).stdout
        manifest = opened(out / "manifest.age").decode().splitlines()
        self.assertEqual(manifest[0], "mailpod manifest 1")
        messages = [line.split("\t") for line in manifest if line.startswith("message\t")]
        self.assertEqual(len(messages), 7)
        subjects = [re.search(rb"Subject: (.*)\r\n", opened(out / row[1])).group(1).decode() for row in messages]
        self.assertEqual(sorted(subjects), sorted([*(f"letter {n}" for n in range(5)), "elsewhere", "sent"]))
        named = b"".join(str(path.relative_to(out)).encode() + path.read_bytes() for path in out.rglob("*.age"))
        self.assertNotIn(b"Work", named)
        # The member's archive key serves as well. That it was set, a letter tells them.
        self.pod.run("vault", "archive", "set", self.name, recipient, stdin=self.password + "\n")
        self.assertEqual(self.move("export", self.folder / "archive", "--format", "age")["written"], 8)

    def test_where_no_daemon_runs_the_command_opens_the_vault_itself(self):
        still = pod.Neighbour("still.lab", "ada")
        self.addCleanup(still.remove)
        box = mailbox.mbox(self.folder / "old")
        for number in range(3):
            letter = mailbox.mboxMessage(pod.message(f"letter {number}"))
            letter.set_flags("RF")
            box.add(letter)
        box.close()
        secret = still.password("ada") + "\n"
        run = lambda *arguments: subprocess.run([pod.MAILPOD, "--json", "--pod", still.path, *map(str, arguments)],
                                                input=secret, text=True, capture_output=True, check=True)
        self.assertEqual(json.loads(run("import", "ada", self.folder / "old").stdout)["taken"], 3)
        self.assertEqual(json.loads(run("export", "ada", self.folder / "out").stdout)["written"], 3)
        out = mailbox.Maildir(self.folder / "out").get_folder("old")
        self.assertEqual([letter.get_flags() for letter in out], ["FS"] * 3)


if __name__ == "__main__":
    unittest.main()
