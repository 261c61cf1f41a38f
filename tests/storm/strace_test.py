#!/usr/bin/env python3
"""kill -9 at every call that changes the disk: a scripted run, killed by strace at its first fsync, its second, … and
likewise at every fdatasync, rename, unlink, write, truncation and new folder, in each of the daemon's threads.

The script: a delivery to two members who are away, a login and with it the merge, a delivery to an open vault, an append,
a copy, a move, flags and their flush, an expunge, a message to another server, an admission, an enrolment, an app
password, a stop. A second script is a vault's upkeep: a delivery, `vault compact`, `vault rekey`, a stop. strace counts
for each thread by itself, so the daemon has one loop and one pool thread here, and each thread's calls are gone through
on their own. A kill comes before the call is carried out. The restart is killed as well, at one of its own calls, before
the one whose outcome is looked at.

    MAILPOD=build/release/mailpod tests/storm/strace_test.py
    MAILPOD_STRACE=large …      at every open and reservation too, and with each restart killed at four calls in turn
"""

import collections
import concurrent.futures
import contextlib
import copy
import itertools
import os
import pathlib
import queue
import shutil
import smtplib
import subprocess
import sys
import tempfile
import time
import unittest

import admin
import imap
import ledger
import letters
import load
from sink import Sink
from storm_pod import Complaint, Killed, PATIENCE, Pod, free_port_base

IS_LARGE = os.environ.get("MAILPOD_STRACE") == "large"
KINDS = ("fsync", "fdatasync", "?rename,?renameat,?renameat2", "?unlink,?unlinkat", "pwrite64", "ftruncate",
         "?mkdir,?mkdirat", *(("?open,?openat", "fallocate") if IS_LARGE else ()))
RESTARTS = 4 if IS_LARGE else 1  # killed for each kill, one after the other
DELIVERIES = ("while-away", "to-both")
# The daemon's threads, in the order in which they start; "names" is the resolver's.
# "names" asks DNS where mail goes to, "senders" who it comes from.
NAMES = ("main", "pool", "names", "senders", "control", "loop")
MAIN, POOL, _, _, CONTROL, LOOP = range(len(NAMES))
LANES = 2


class Calm:
    """The weather of a run with one kill."""

    def acknowledge(self, what):
        pass

    def note_loss(self, name, gone):
        raise ConnectionResetError(str(gone))

    def is_on(self):
        return True


class Run:
    """The script on a pod of its own. `accounts`: as they are at first; `elsewhere`: the token of what is sent away."""

    def __init__(self, pod, accounts, sink, elsewhere):
        self.pod, self.sink, self.elsewhere = pod, sink, elsewhere
        self.accounts = copy.deepcopy(accounts)
        self.founders = {"alice@pod.lab", *(account.address for account in self.accounts.values())}
        self.office = admin.Office("office", Calm(), 0, self)
        self.killed_at = 0.0
        self.is_dead = False

    def client(self, name):
        account = self.accounts[name]
        return imap.Client(self.pod.port("IMAPS"), self.pod.tls, account.address, account.password)

    def welcome(self, person):
        pass

    def carry_out(self):
        """True if nobody was killed."""
        with concurrent.futures.ThreadPoolExecutor(1) as watch:
            death = watch.submit(self.watch)
            try:
                self.live()
                self.pod.stop()
                return True
            except (OSError, smtplib.SMTPServerDisconnected):
                self.killed_at = death.result(PATIENCE)  # or else nobody was killed
                self.pod.wait()
                return False
            finally:
                self.pod.give_up()

    def live(self):
        self.use_mail()
        self.send_elsewhere()
        self.administer()

    def watch(self):
        """When the daemon died."""
        moment = self.pod.time_of_death()
        self.is_dead = True
        self.sink.wake()
        return moment

    def answered(self, doubt, *answer):
        account = self.accounts["bob"]
        doubt.done(account, *answer)
        account.doubts.remove(doubt)

    def under(self, doubt):
        self.accounts["bob"].doubts.append(doubt)
        return doubt

    def use_mail(self):
        self.deliver("while-away", 1_000)
        with contextlib.closing(self.client("bob")) as client:
            self.use_mailboxes(client, self.accounts["bob"])

    def use_mailboxes(self, client, bob):
        inbox, archive, trash = bob.boxes["INBOX"], bob.boxes["Archive"], bob.boxes["Trash"]
        _, _, exists = client.select("INBOX")
        if exists == 0:  # its merge takes longer than a SELECT waits
            client.wait_for_message()
        bob.arrive(inbox.highest + 1, "while-away", 1_000)
        self.deliver("to-both", 1_000)
        client.wait_for_message()
        bob.arrive(inbox.highest + 1, "to-both", 1_000)
        uid = inbox.highest

        doubt = self.under(ledger.Append(archive, "appended", 2_000, ["\\Seen"]))
        self.answered(doubt, client.append("Archive", letters.octets("appended", 2_000), ["\\Seen"])[1])
        doubt = self.under(ledger.Transfer(inbox, [uid], archive, moves=False))
        self.answered(doubt, client.transfer("COPY", [uid], "Archive")[1])
        doubt = self.under(ledger.Transfer(inbox, [uid], trash, moves=True))
        self.answered(doubt, client.transfer("MOVE", [uid], "Trash")[1])
        client.select("Archive")
        self.flag(client, archive, 1, "\\Deleted")
        doubt = self.under(ledger.Expunge(archive, [1]))
        client.run("UID EXPUNGE 1")
        self.answered(doubt)
        self.flag(client, archive, 2, "\\Flagged")  # durable by its own flush, while maintainers work

    def flag(self, client, box, uid, flag):
        doubt = self.under(ledger.Store(box, [uid], [flag]))
        client.run(f"UID STORE {uid} FLAGS.SILENT ({flag})")
        self.answered(doubt)

    def deliver(self, token, size):
        recipients = [self.accounts["bob"], self.accounts["u1"]]
        for account in recipients:
            account.attempts[token] = 1
        with load.plain_smtp(self.pod) as client:
            client.sendmail("alice@pod.lab", [account.address for account in recipients], letters.octets(token, size))
        for account in recipients:
            account.delivered.add(token)

    def send_elsewhere(self):
        self.sink.expect(self.elsewhere)
        with load.submission(self.pod) as client:
            client.sendmail("alice@pod.lab", [self.sink.address], letters.octets(self.elsewhere, 1_000))
        self.sink.promise(self.elsewhere)
        self.sink.wait_for_all(PATIENCE, unless=lambda: self.is_dead)
        if self.is_dead:
            raise Killed

    def administer(self):
        self.office.admit()
        person = self.office.people[0]
        self.office.enrol(person)
        self.office.change_spare(person)

    # After the kill --------------------------------------------------------------------------------------------------

    def verify(self):
        for name, account in self.accounts.items():
            client = self.client(name)
            account.settle(ledger.look(client, account), self.killed_at)
            client.close()
        for token in DELIVERIES:
            came = [account.arrivals.get(token, 0) for account in self.accounts.values()]
            acknowledged = token in self.accounts["bob"].delivered
            if came not in ([[1, 1]] if acknowledged else [[0, 0], [1, 1]]):
                raise ledger.Violation(f"the delivery {token}, {acknowledged=}, came {came} times")
        self.sink.wait_for_all(PATIENCE)
        self.office.settle()
        self.office.finish()
        if self.pod.entries() != self.office.entries:
            raise ledger.Violation(f"{self.pod.entries()} entries, {self.office.entries} acknowledged")


class Upkeep(Run):
    """What is done with a vault as a whole, while mail waits for it. The member keeps one secret of two."""

    def live(self):
        self.deliver("to-both", 1_000)
        self.keep("compact")
        self.keep("rekey", "--yes")

    def keep(self, command, *arguments):
        bob = self.accounts["bob"]
        try:
            return self.pod.run("--json", "vault", command, bob.name, *arguments, stdin=bob.password + "\n")
        except Complaint as complaint:
            raise ConnectionResetError(str(complaint)) from complaint

    def verify(self):
        super().verify()
        self.be_sound()
        # Whatever an attempt left is no hindrance to the next one, and goes with it.
        self.keep("rekey", "--yes")
        self.be_sound()
        if left := list(self.pod.path.rglob("*.next")):
            raise ledger.Violation(f"left over: {left}")

    def be_sound(self):
        bob = self.accounts["bob"]
        command = self.pod.begin("--json", "vault", "verify", bob.name, "--unlock")
        found, complaint = command.communicate(bob.password + "\n", PATIENCE)
        if command.returncode != 0:
            raise ledger.Violation(found + complaint)


class Tracer:
    """strace, that kills at the `when`-th of some calls."""

    def __init__(self, kind, when):
        self.expressions = ["-e", f"trace={kind}", "-e", f"inject={kind}:signal=KILL:when={when}"]
        self.process = None

    def before(self):
        """What to put before a command to trace its first thread; the command keeps its process id."""
        return ["strace", "-D", "-q", "-o", "/dev/null", *self.expressions]

    def attach(self, thread):
        self.process = subprocess.Popen(["strace", "-o", "/dev/null", "-p", str(thread), *self.expressions],
                                        stderr=subprocess.PIPE)
        line = self.process.stderr.readline()
        assert b"attached" in line, line

    def wait(self):
        if self.process:
            self.process.wait(PATIENCE)
            self.process.stderr.close()


def threads_of(pod):
    """In the order in which they were started, which is the same each time."""
    return sorted(int(path.name) for path in pathlib.Path(f"/proc/{pod.daemon.pid}/task").iterdir())


class Lane:
    """Runs of one script, one after the other, on ports of its own. `founded`: the pod that each begins with a copy of."""

    def __init__(self, script, founded, accounts, folder):
        self.script, self.folder, self.accounts = script, folder, accounts
        self.founded = founded.copy(folder / "founded")
        self.founded.move_to(free_port_base())
        self.sink = Sink(0)
        self.sink.lead(self.founded)
        self.runs = 0
        self.kills = collections.Counter()
        self.restarts = itertools.cycle(itertools.product((MAIN, POOL), KINDS[:5], (1, 2, 3)))

    def fresh_run(self):
        folder = self.folder / "run"
        if folder.exists():
            shutil.rmtree(folder)
        self.runs += 1
        return self.script(self.founded.copy(folder), self.accounts, self.sink, f"elsewhere-{self.runs}")

    def kill_at_every_call(self, thread, kind):
        for when in itertools.count(1):
            run = self.fresh_run()
            try:
                if not self.one_kill(run, thread, Tracer(kind, when)):
                    return
            except BaseException as failure:
                run.pod.give_up()
                raise AssertionError(f"killed at {kind} {when} of thread {thread}: {failure}; "
                                     f"the pod is kept in {run.pod.folder}") from failure

    def one_kill(self, run, thread, tracer):
        """Whether the script was killed."""
        try:
            if thread == MAIN:
                run.pod.start(*tracer.before())
            else:
                run.pod.start()
                tracer.attach(threads_of(run.pod)[thread])
            if run.carry_out():
                return False
        except Killed:
            pass  # as it started
        finally:
            tracer.wait()
        self.kills[NAMES[thread]] += 1
        for _ in range(RESTARTS):
            self.kill_restart(run)
        run.pod.start()
        run.verify()
        run.pod.stop()
        left = run.pod.leftovers() + run.pod.complaints()
        assert not left, left
        return True

    def kill_restart(self, run):
        """Kills the recovery too: as the pod opens, or as its vaults do."""
        thread, kind, when = next(self.restarts)
        tracer = Tracer(kind, when)
        try:
            if thread == MAIN:
                run.pod.start(*tracer.before())
            else:
                run.pod.start()
                tracer.attach(threads_of(run.pod)[thread])
                for name in run.accounts:
                    run.client(name).close()
            run.pod.kill()
        except OSError:
            self.kills["restart"] += 1
        finally:
            run.pod.wait()
            tracer.wait()


class Strace(unittest.TestCase):
    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="mailpod-"))
        self.founded = Pod.found(members=1)
        for section, name, value in (("process", "loops", 1), ("process", "threads", 1),
                                     ("vaults", "flush_milliseconds", 10), ("sending", "enabled", "true"),
                                     ("dns", "servers", '["127.0.0.1"]')):  # each lane has its own
            self.founded.set(section, name, value)
        self.founded.start()
        self.assertEqual(len(threads_of(self.founded)), len(NAMES))
        self.accounts = {}
        for name in ("bob", "u1"):
            self.accounts[name] = account = ledger.Account(name, self.founded.password(name))
            client = imap.Client(self.founded.port("IMAPS"), self.founded.tls, account.address, account.password)
            account.meet(client)
            client.close()
        self.founded.stop()

    def test_a_kill_at_any_call_loses_nothing_that_was_acknowledged(self):
        kills = self.kill_everywhere(Run, [*itertools.product((POOL, CONTROL, MAIN), KINDS), (LOOP, ",".join(KINDS))])
        # Event loops wait for no disk.
        self.assertEqual(kills["loop"], 0)
        for thread, least in (("main", 5), ("pool", 30), ("control", 20), ("restart", 10)):
            self.assertGreater(kills[thread], least)

    def test_a_kill_at_any_call_of_upkeep_leaves_a_whole_vault(self):
        self.founded.start()
        bob = self.accounts["bob"]
        self.founded.run("app-password", "add", bob.address, "other", stdin=bob.password + "\n")
        self.founded.stop()
        # All of it is done by the pool's thread.
        kills = self.kill_everywhere(Upkeep, [(POOL, kind) for kind in KINDS])
        self.assertGreater(kills["pool"], 30)

    def kill_everywhere(self, script, places):
        """How many were killed in which thread."""
        begin = time.monotonic()
        lanes = [Lane(script, self.founded, self.accounts, self.place / str(number)) for number in range(LANES)]
        work = queue.SimpleQueue()
        for place in places:
            work.put(place)

        def go_through(lane):
            while True:
                try:
                    thread, kind = work.get_nowait()
                except queue.Empty:
                    return
                lane.kill_at_every_call(thread, kind)

        with concurrent.futures.ThreadPoolExecutor(LANES) as pool:
            for done in [pool.submit(go_through, lane) for lane in lanes]:
                done.result()
        kills = sum((lane.kills for lane in lanes), collections.Counter())
        print(f"{sum(kills.values())} kills in {time.monotonic() - begin:.0f} s: {dict(kills)}; 0 lost", file=sys.stderr)
        shutil.rmtree(self.founded.folder)
        shutil.rmtree(self.place)
        return kills


if __name__ == "__main__":
    unittest.main()
