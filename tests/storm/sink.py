"""Another domain's mail server, which takes everything and remembers what it answered: to see what comes of mail that
was submitted for elsewhere."""

import collections
import pathlib
import random
import re
import socket
import sys
import threading
import time

import letters
from ledger import Violation

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "interop"))
import names  # noqa: E402

DOMAIN = "sink.lab"
# What the pod puts before what was sent.
SIGNATURES = re.compile(rb"\A(DKIM-Signature:.*\r\n([ \t].*\r\n)*)+")


class Receipt:
    """One message taken. `settled`: our 250 was read, as whoever sent it went on to something else."""

    def __init__(self):
        self.at, self.settled = time.monotonic(), False


class Sink:
    """A server and the name server that leads to it, in threads of their own. It is never killed."""

    def __init__(self, seed):
        self.address = "someone@" + DOMAIN
        self.dice = random.Random(seed)
        self.changed = threading.Condition()
        self.receipts = collections.defaultdict(list)  # token -> Receipts
        self.attempts = collections.Counter()          # token -> how often it was submitted
        self.acknowledged = set()                      # tokens whose submission was answered 250
        self.wrong = None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.names = names.Names()
        self.names.mail_for(DOMAIN, "mail." + DOMAIN)
        threading.Thread(target=self.listen, daemon=True).start()

    def expect(self, token):
        """It is being submitted."""
        with self.changed:
            self.attempts[token] += 1

    def promise(self, token):
        """That was acknowledged."""
        with self.changed:
            self.acknowledged.add(token)

    def lead(self, pod):
        """Makes the pod send to us."""
        pod.set("sending", "enabled", "true")
        pod.set("sending", "port", self.listener.getsockname()[1])
        pod.set("sending", "loopback", "true")
        pod.set("sending", "idle_milliseconds", 50)
        pod.set("sending", "retry_seconds", "[1]")
        for what in ("remote", "refused"):  # a storm writes more than a person does
            pod.set("guard", f"{what}_recipients_of_member", 1_000_000)
        pod.set("dns", "servers", f'["127.0.0.1@{self.names.port}"]')

    def close(self):
        self.listener.close()
        self.names.close()

    def listen(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:  # closed
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection, connection.makefile("rb") as lines:
            try:
                self.converse(connection, lines)
            except OSError:
                pass  # killed
            except Exception as wrong:
                with self.changed:
                    self.wrong = self.wrong or wrong
                    self.changed.notify_all()

    def converse(self, connection, lines):
        connection.sendall(b"220 mail.sink.lab\r\n")
        last = None
        while line := lines.readline():
            if last:
                last.settled = True
            verb = line.split()[0].upper()
            if verb == b"DATA":
                connection.sendall(b"354 go on\r\n")
                message = self.message(lines)
                if message is None:
                    return
                # A moment for the lightning to strike before the answer is there, and after.
                time.sleep(self.dice.choice((0, 0, 0.001, 0.004)))
                last = self.take(message)
                connection.sendall(b"250 taken\r\n")
            elif verb == b"QUIT":
                connection.sendall(b"221 bye\r\n")
                return
            else:
                connection.sendall(b"250 ok\r\n")

    @staticmethod
    def message(lines):
        octets = []
        while (line := lines.readline()).endswith(b"\r\n"):
            if line == b".\r\n":
                return b"".join(octets)
            octets.append(line[1:] if line.startswith(b".") else line)
        return None  # broken off: nothing was sent

    def take(self, message):
        message = SIGNATURES.sub(b"", message)
        name = letters.name_in(message)
        if name is None or not letters.is_whole(message, *name):
            raise Violation(f"the sink got octets that nobody sent: {message[:400]!r}")
        receipt = Receipt()
        with self.changed:
            if self.attempts[name[0]] == 0:
                raise Violation(f"the sink got {name[0]}, which nobody sent")
            self.receipts[name[0]].append(receipt)
            self.changed.notify_all()
        return receipt

    # What holds ------------------------------------------------------------------------------------------------------

    def wake(self):
        """Makes who waits look again."""
        with self.changed:
            self.changed.notify_all()

    def wait_for_all(self, patience, unless=lambda: False):
        """Until everything acknowledged has come, or until `unless`."""
        with self.changed:
            self.changed.wait_for(lambda: self.wrong or unless() or not self.missing(), timeout=patience)
            if self.missing() and not unless():
                raise Violation(f"acknowledged, and never sent: {sorted(self.missing())}")
        self.look()

    def missing(self):
        return {token for token in self.acknowledged if not self.receipts[token]}

    def look(self):
        """A message comes once for each time it was submitted; again only where the kill left our answer unread."""
        if self.wrong:
            raise self.wrong
        for token, receipts in list(self.receipts.items()):
            excused = sum(not receipt.settled for receipt in receipts[:-1])
            if len(receipts) - excused > self.attempts[token]:
                raise Violation(f"{token}, submitted {self.attempts[token]} times, came {len(receipts)} times, of which "
                                f"{excused} were cut short")

    def duplicates(self):
        return sum(len(receipts) - 1 for receipts in self.receipts.values() if receipts)
