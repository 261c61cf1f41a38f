#!/usr/bin/env python3
"""Mail that came while a member was away is merged while three of their programs watch: SELECT does not wait for it, the rest is
announced as it comes, and all three are told the same."""

import contextlib
import re
import threading
import time
import unittest

import pod

CAME = 1200  # several groups of a merge
AT_ONCE = 4
SELECT_WITHIN = 1.0  # seconds, on a machine that does other things too; tests/bench/large_vault.py measures


class Watcher(threading.Thread):
    """A program that selects INBOX and waits in IDLE until all is there."""

    def __init__(self, running):
        super().__init__()
        self.pod = running
        self.counts, self.took, self.trouble = [], None, None

    def run(self):
        try:
            self.watch()
        except Exception as trouble:  # pylint: disable=broad-except  # shown by the test
            self.trouble = trouble

    def watch(self):
        client = self.pod.imap("bob")
        started = time.monotonic()
        _, [count] = client.select("INBOX")
        self.took = time.monotonic() - started
        self.counts.append(int(count))
        client.send(b"w IDLE\r\n")
        deadline = time.monotonic() + pod.PATIENCE
        while self.counts[-1] < CAME:
            if time.monotonic() > deadline:
                raise AssertionError(f"only {self.counts[-1]} were announced")
            line = client.readline()
            if found := re.match(rb"\* (\d+) EXISTS", line):
                self.counts.append(int(found.group(1)))
            elif not line.startswith(b"+"):
                raise AssertionError(f"not expected: {line}")
        client.send(b"DONE\r\n")
        while not client.readline().startswith(b"w OK"):
            pass
        self.uids = client.uid("FETCH", "1:*", "(UID)")[1]
        self.subjects = [part[1] for part in client.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1] if isinstance(part, tuple)]
        client.logout()


class Merge(unittest.TestCase):
    def setUp(self):
        self.pod = pod.Neighbour("pod.lab", "bob")
        self.addCleanup(self.pod.remove)
        self.pod.set("guard", messages_of_address=100_000, messages_of_network=100_000)
        self.pod.start()

    def deliver(self, first):
        """Each connection takes as many as a server gives one."""
        numbers = list(range(first, CAME, AT_ONCE))
        for begin in range(0, len(numbers), 90):
            with self.pod.exchange() as other:
                for number in numbers[begin:begin + 90]:
                    other.send_message(pod.message(f"number {number}", sender="someone@elsewhere.lab"), to_addrs=["bob@pod.lab"])

    def test_three_programs_watch_what_came_while_nobody_did(self):
        with contextlib.ExitStack() as done:
            for first in range(AT_ONCE):
                thread = threading.Thread(target=self.deliver, args=[first])
                thread.start()
                done.callback(thread.join)
        # Their logins open the vault, and so begin the merge.
        watchers = [Watcher(self.pod) for _ in range(3)]
        for watcher in watchers:
            watcher.start()
        for watcher in watchers:
            watcher.join()
        for watcher in watchers:
            self.assertIsNone(watcher.trouble)
            self.assertEqual(watcher.counts, sorted(watcher.counts))
            self.assertLess(watcher.took, SELECT_WITHIN)
            self.assertEqual(watcher.uids, watchers[0].uids)
            self.assertEqual(watcher.subjects, watchers[0].subjects)
        found = {int(re.search(rb"number (\d+)", subject).group(1)) for subject in watchers[0].subjects}
        self.assertEqual(found, set(range(CAME)))
        self.assertEqual(len(watchers[0].subjects), CAME)


if __name__ == "__main__":
    unittest.main()
