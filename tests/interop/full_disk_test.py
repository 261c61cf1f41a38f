#!/usr/bin/env python3
"""The pod on a disk that runs full, of room or of files: a small tmpfs, in a mount namespace of the test's own. It takes
root. What was acknowledged stays, what was refused is nowhere, reading goes on; with room again, so does the rest."""

import collections
import os
import pathlib
import signal
import smtplib
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import pod

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "storm"))
import letters  # noqa: E402

ROOM = 64 * 1024 * 1024  # octets
FILES = 4000
ALONE = "MAILPOD_TEST_HAS_ITS_OWN_MOUNTS"
LARGE = letters.LARGE  # spooled on its way in
PUT_OFF = (452, b"4.3.1")


class SmallDisk:
    """What may be filled, and emptied again of what filled it."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="mailpod-disk-"))
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM},nr_inodes={FILES}", "small", str(self.path)], check=True)
        self.ballast = self.path / "ballast"

    def fill(self):
        """To the last octet."""
        with open(self.ballast, "ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    pass

    def crowd(self):
        """To the last file."""
        self.ballast.mkdir()
        try:
            for number in range(FILES):
                (self.ballast / str(number)).touch()
        except OSError:
            return
        raise AssertionError("there is no end to its files")

    def release(self):
        subprocess.run(["rm", "-rf", str(self.ballast)], check=True)

    def remove(self):
        subprocess.run(["umount", "--lazy", str(self.path)], check=True)
        self.path.rmdir()


class FullDisk(unittest.TestCase):
    def setUp(self):
        self.disk = SmallDisk()
        self.addCleanup(self.disk.remove)
        usual, tempfile.tempdir = tempfile.tempdir, str(self.disk.path)
        self.addCleanup(setattr, tempfile, "tempdir", usual)
        self.pod = pod.Neighbour("pod.lab", "alice", "bob")
        self.addCleanup(self.pod.remove)
        self.pod.set("guard", messages_of_member=100_000, messages_of_member_an_hour=100_000)
        self.pod.start()
        self.taken = {"alice": set(), "bob": set()}
        self.refused = set()

    # What is done ----------------------------------------------------------------------------------------------------

    def deliver(self, token, size, *names, by=None):
        """From elsewhere, or by the client of a member; the answer."""
        client = self.pod.submission(by) if by else self.pod.exchange()
        with client:
            try:
                refused = client.sendmail(f"{by or 'chris'}@{'pod' if by else 'elsewhere'}.lab",
                                          [f"{name}@pod.lab" for name in names], letters.octets(token, size))
            except smtplib.SMTPDataError as put_off:
                self.refused.add(token)
                return put_off.smtp_code, put_off.smtp_error.split()[0]
        self.assertEqual(refused, {})
        for name in names:
            self.taken[name].add(token)
        return 250, b"2.0.0"

    def append(self, client, name, token, size):
        """The answer's words."""
        kind, words = client.append("INBOX", None, None, letters.octets(token, size))
        (self.taken[name] if kind == "OK" else self.refused).add(token)
        return kind, words[0]

    # What holds ------------------------------------------------------------------------------------------------------

    def read(self, client):
        """Which letters there are, every one of them whole and there once."""
        kind, count = client.select("INBOX")
        self.assertEqual(kind, "OK")
        found = collections.Counter()
        if count != [b"0"]:
            for part in client.fetch("1:*", "(BODY.PEEK[])")[1]:
                if isinstance(part, tuple):
                    token, size = letters.name_in(part[1])
                    self.assertTrue(letters.is_whole(part[1], token, size), token)
                    found[token] += 1
        self.assertEqual({token for token, times in found.items() if times > 1}, set())
        return set(found)

    def assert_holds(self, client, tokens):
        """What was delivered before a mailbox was opened shows bit by bit, on a busy machine."""
        deadline = time.monotonic() + pod.PATIENCE
        while (found := self.read(client)) != tokens and time.monotonic() < deadline:
            client.noop()
        self.assertEqual(found, tokens)

    def assert_all_is_well(self):
        for name in ("alice", "bob"):
            self.assert_holds(self.pod.imap(name), self.taken[name])
        self.pod.run("health")
        log = (self.pod.folder / "mailpod.log").read_text()
        for damage in ("quarantined", "finding", "damaged"):
            self.assertNotIn(damage, log)
        unfinished = [str(path) for path in self.pod.path.rglob("*") if path.parent.name == "tmp" or ".tmp-" in path.name]
        self.assertEqual(unfinished, [])

    def assert_all_is_put_off_and_read(self, exhaust):
        self.pod.imap("bob").logout()  # not for the first time when the disk is full
        for number, size in enumerate((500, 20_000, LARGE)):
            self.assertEqual(self.deliver(f"early-{number}", size, "alice", "bob"), (250, b"2.0.0"))
        session = self.pod.imap("alice")
        self.assertEqual(self.append(session, "alice", "own-early", 20_000)[0], "OK")
        exhaust()
        for number, size in enumerate((10_000, LARGE)):
            self.assertEqual(self.deliver(f"late-{number}", size, "alice"), PUT_OFF)
            self.assertEqual(self.deliver(f"late-both-{number}", size, "alice", "bob"), PUT_OFF)
            self.assertEqual(self.deliver(f"late-sent-{number}", size, "bob", by="alice"), PUT_OFF)
            kind, words = self.append(session, "alice", f"own-late-{number}", size)
            self.assertEqual((kind, words.split()[0]), ("NO", b"[UNAVAILABLE]"))
        self.assert_holds(session, self.taken["alice"])
        self.assert_holds(self.pod.imap("bob"), self.taken["bob"])
        self.disk.release()
        begun = time.monotonic()
        self.assertEqual(self.deliver("again", LARGE, "alice", "bob"), (250, b"2.0.0"))
        self.assertLess(time.monotonic() - begun, 5)
        self.assertEqual(self.append(session, "alice", "own-again", LARGE)[0], "OK")
        self.assert_all_is_well()
        self.assertIsNone(self.pod.serving.poll(), "it was the same daemon all the time")
        self.pod.stop()
        self.pod.start()
        self.assert_all_is_well()

    def test_out_of_room_mail_is_put_off_and_reading_goes_on(self):
        self.assert_all_is_put_off_and_read(self.disk.fill)

    def test_out_of_files_mail_is_put_off_and_reading_goes_on(self):
        self.assert_all_is_put_off_and_read(self.disk.crowd)

    def test_a_member_makes_room_by_expunging(self):
        for number in range(4):
            self.deliver(f"old-{number}", 1 << 20, "alice")
        session = self.pod.imap("alice")
        session.select("INBOX")
        self.assertEqual(session.create("Old")[0], "OK")
        self.disk.fill()
        self.assertEqual(self.deliver("late", 10_000, "bob"), PUT_OFF)
        for _ in range(50):  # as many small changes as no half-filled block has room for
            self.assertEqual(session.unsubscribe("Old")[0], "OK")
            self.assertEqual(session.subscribe("Old")[0], "OK")
        self.assertEqual(session.store("1:2", "+FLAGS.SILENT", r"(\Deleted)")[0], "OK")
        self.assertEqual(session.expunge()[0], "OK")
        self.taken["alice"] -= {"old-0", "old-1"}
        self.assertEqual(self.deliver("soon", 10_000, "bob"), (250, b"2.0.0"))
        self.disk.release()
        self.assert_all_is_well()

    def test_it_stops_and_starts_on_a_full_disk_and_goes_on_with_room(self):
        self.deliver("early", 20_000, "alice", "bob")
        for name in ("alice", "bob"):
            self.pod.imap(name).logout()
        self.pod.stop()
        self.pod.start()
        self.deliver("waits", 20_000, "bob")  # for the mailbox to be opened, which then has to write that it came
        self.disk.fill()
        for how, status in ((signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)):
            begun = time.monotonic()
            self.pod.serving.send_signal(how)
            self.assertEqual(self.pod.serving.wait(pod.PATIENCE), status)
            self.assertLess(time.monotonic() - begun, 5)
            self.pod.start()
            reader = self.pod.imap("bob")
            self.assert_holds(reader, {"early", "waits"})
            reader.logout()
            self.assertEqual(self.deliver(f"late-{how}", 10_000, "bob"), PUT_OFF)
        self.disk.release()
        self.assertEqual(self.deliver("again", 10_000, "bob"), (250, b"2.0.0"))
        self.assert_all_is_well()

    # Under load ------------------------------------------------------------------------------------------------------

    def keep_on(self, name, attempt):
        """In a thread: one attempt after the other, each with its answer, until told to end."""
        number = 0
        try:
            while not self.over.is_set():
                number += 1
                taken = attempt(f"{name}-{number}", 300 + number * 997 % 20_000)
                with self.changed:
                    self.answers[name, taken] += 1
                    self.changed.notify_all()
        except BaseException as failure:
            with self.changed:
                self.failure = failure
                self.changed.notify_all()

    def await_answers(self, taken, count):
        """Until everybody has heard so many more of this kind."""
        with self.changed:
            before = dict(self.answers)
            heard = self.changed.wait_for(
                lambda: self.failure or all(self.answers[name, taken] >= before.get((name, taken), 0) + count
                                            for name in self.names), timeout=pod.PATIENCE)
            if self.failure:
                raise self.failure
            self.assertTrue(heard, self.answers)

    def test_under_load_it_fills_and_empties_and_loses_nothing(self):
        self.over, self.changed = threading.Event(), threading.Condition()
        self.answers, self.failure = collections.Counter(), None
        own = self.pod.imap("bob")
        deeds = {"both": lambda token, size: self.deliver(token, size, "alice", "bob")[0] == 250,
                 "large": lambda token, size: self.deliver(token, LARGE + size, "alice")[0] == 250,
                 "sent": lambda token, size: self.deliver(token, size, "bob", by="alice")[0] == 250,
                 "own": lambda token, size: self.append(own, "bob", token, size)[0] == "OK"}
        self.names = list(deeds)
        workers = [threading.Thread(target=self.keep_on, args=deed, daemon=True) for deed in deeds.items()]
        for worker in workers:
            worker.start()
        for _ in range(4):
            self.await_answers(True, 2)
            self.disk.fill()
            self.await_answers(False, 2)
            self.disk.release()
        self.await_answers(True, 2)
        self.over.set()
        for worker in workers:
            worker.join(pod.PATIENCE)
        self.assert_all_is_well()


def main():
    if os.environ.get(ALONE) != "1":
        if os.geteuid() != 0:
            raise SystemExit("this test needs root, to mount a small disk")
        os.execvpe("unshare", ["unshare", "--mount", sys.executable, *sys.argv], {**os.environ, ALONE: "1"})
    unittest.main()


if __name__ == "__main__":
    main()
