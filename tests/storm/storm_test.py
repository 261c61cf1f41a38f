#!/usr/bin/env python3
"""kill -9 at random moments: the real daemon under mixed load, killed again and again; nothing acknowledged is lost.

Other servers deliver (to several members, and large messages), a member submits to members and to another server, mail
clients append, copy, move, flag, expunge, make, rename and delete mailboxes, maintainers admit, suspend and reinstate,
newcomers enrol, app passwords come and go. After a random number of acknowledged operations, and up to five
milliseconds, the daemon is killed; now and then while it starts; and one time in eight it is told to stop (SIGTERM), and
has to within five seconds, with status 0, with every flag durable and no socket left behind. After each restart what the
operations under way touched is compared with what was acknowledged; at the end, everything: octets, UIDs, flags, members,
acts, and what lies in the folders.

    MAILPOD_STORM_KILLS=10000 MAILPOD_STORM_SEED=7 MAILPOD=build/release/mailpod tests/storm/storm_test.py

The moments are the seed's; how far each worker had come is the scheduler's. On failure the pod's folder stays.
"""

import os
import random
import shutil
import signal
import sys
import time
import unittest

import admin
import imap
import ledger
import load
from sink import Sink
from storm_pod import Pod
from weather import Weather

KILLS = int(os.environ.get("MAILPOD_STORM_KILLS", "200"))
SEED = int(os.environ.get("MAILPOD_STORM_SEED", "0")) or random.randrange(1, 1 << 32)
FULL_LOOK_EVERY = 50  # kills
STOPPED_WITHIN = 5.0  # seconds of a SIGTERM, whatever is under way


class Storm:
    def __init__(self, pod, sink, seed):
        self.pod, self.sink, self.dice = pod, sink, random.Random(seed)
        self.weather = Weather()
        self.accounts = {name: ledger.Account(name, pod.password(name)) for name in ("alice", "bob", "u1", "u2")}
        self.founders = {account.address for account in self.accounts.values()}
        self.recipients = list(self.accounts.values())
        self.killed_at = 0.0
        self.kills = 0
        self.stops = 0
        self.worst = 0.0       # the longest start, in seconds
        self.worst_stop = 0.0  # the longest stop

    def hire(self, seed):
        pod, weather, members = self.pod, self.weather, self.accounts
        self.office = admin.Office("office", weather, seed, self)
        self.workers = [
            load.Exchange("mx1", weather, seed, pod, self.recipients),
            load.Exchange("mx2", weather, seed, pod, self.recipients),
            load.Submitter("msa1", weather, seed, pod, [members["bob"]], self.sink),
            load.Submitter("msa2", weather, seed, pod, [members["bob"], members["u1"]], self.sink),
            load.Reader("bob1", weather, seed, pod, members["bob"], (0, 2)),
            load.Reader("bob2", weather, seed, pod, members["bob"], (1, 2)),
            load.Reader("u1", weather, seed, pod, members["u1"], (0, 1)),
            load.Reader("u2", weather, seed, pod, members["u2"], (0, 1)),
            self.office,
        ]
        weather.enrol(self.workers)

    def client(self, account):
        return imap.Client(self.pod.port("IMAPS"), self.pod.tls, account.address, account.password)

    def meet(self, account):
        """Enters the mailboxes that a new member has."""
        client = self.client(account)
        account.meet(client)
        client.close()

    def welcome(self, person):
        """A newcomer logged in for the first time."""
        if person.name in self.accounts:
            return
        self.accounts[person.name] = account = ledger.Account(person.name, person.password)
        self.meet(account)
        if person.receives:
            self.recipients.append(account)

    # One kill --------------------------------------------------------------------------------------------------------

    def blow(self):
        self.start()
        self.look(everything=self.kills % FULL_LOOK_EVERY == 0)
        self.office.busy = self.dice.random() < 0.25
        count = self.dice.choice((1, 3, 10)) if self.office.busy else 1 + int(self.dice.expovariate(1 / 12))
        self.weather.begin([worker.name for worker in self.workers])
        self.weather.wait_for_operations(count, patience=60)
        # Now and then long enough for flags to have to be durable.
        self.weather.wait_for_moment(1.3 if self.dice.random() < 0.04 else self.dice.uniform(0, 0.005))
        (self.stop if self.dice.random() < 0.125 else self.strike)()
        self.weather.wait_until_parked()
        self.pod.wait()

    def start(self):
        # The recovery may be killed too, and the recovery of that.
        while self.dice.random() < 0.15 and self.kills + 1 < KILLS:
            self.dice.choice((self.nip, self.knock))()
            self.kills += 1
        begin = time.monotonic()
        self.pod.start()
        self.worst = max(self.worst, time.monotonic() - begin)

    def nip(self):
        """Killed while it opens the pod."""
        with self.pod.begin_start():
            time.sleep(self.dice.uniform(0, 0.06))
            self.pod.kill()
            self.pod.wait()

    def knock(self):
        """All clients come at once, and the daemon is killed while it opens their vaults."""
        self.pod.start()
        callers = [imap.Caller(self.pod.port("IMAPS"), self.pod.tls, account.address, account.password)
                   for account in self.accounts.values()]
        time.sleep(self.dice.uniform(0, 0.02))
        self.pod.kill()
        self.pod.wait()
        for caller in callers:
            caller.close()

    def strike(self):
        if self.dice.random() < 0.1:
            # Told to stop, and killed before it has.
            self.pod.daemon.send_signal(signal.SIGTERM)
            time.sleep(self.dice.uniform(0, 0.03))
        self.killed_at = time.monotonic()
        self.pod.kill()
        command = self.office.command
        if command and self.dice.random() < 0.5:
            command.kill()
        self.weather.end()
        self.kills += 1

    def stop(self):
        """As a service manager does it, under the same load."""
        begin = time.monotonic()
        self.pod.daemon.send_signal(signal.SIGTERM)
        self.weather.end()
        status = self.pod.wait()
        took = time.monotonic() - begin
        self.kills += 1
        self.stops += 1
        self.worst_stop = max(self.worst_stop, took)
        assert status == 0, (status, self.pod.log.read_text()[-1000:])
        assert took <= STOPPED_WITHIN, f"it took {took:.1f} s to stop"
        assert not (self.pod.path / "control.sock").exists()
        # Nobody may have lost a flag: those of the last second are durable too.
        self.killed_at = time.monotonic() + ledger.DURABLE_AFTER

    # What holds ------------------------------------------------------------------------------------------------------

    def look(self, everything=False):
        for account in list(self.accounts.values()):
            self.look_at(account, everything)
        self.office.settle()
        self.compare_deliveries()

    def look_at(self, account, everything):
        expects = any(account in recipients for recipients in self.weather.deliveries.values())
        if not (everything or expects or account.touched or account.doubts):
            return
        if any(person.name == account.name and person.suspended for person in self.office.people):
            return
        client = self.client(account)
        account.settle(ledger.look(client, account, everything), self.killed_at)
        client.close()

    def compare_deliveries(self):
        """A message for several came to all of them or to none; an acknowledged one came."""
        for token, recipients in self.weather.deliveries.items():
            recipients = [recipient for recipient in recipients if recipient is not self.sink]
            if not recipients:
                continue
            came = {account.name: account.arrivals.get(token, 0) for account in recipients}
            if len(set(came.values())) != 1:
                raise ledger.Violation(f"{token} came to some of its recipients: {came}")
            for account in recipients:
                if token in account.delivered and came[account.name] == 0:
                    raise ledger.Violation(f"{token} is lost for {account.name}")
        self.weather.deliveries.clear()
        self.sink.look()

    def duplicates(self):
        return sum(count - 1 for account in self.accounts.values() for count in account.arrivals.values() if count > 1)

    def final_look(self):
        self.start()
        self.sink.wait_for_all(patience=60)
        self.look(everything=True)
        for account in self.accounts.values():
            lost = [token for token in account.delivered if account.arrivals.get(token, 0) == 0]
            if lost:
                raise ledger.Violation(f"{account.name}: lost {lost}")
        self.office.finish()
        assert self.pod.entries() == self.office.entries, (self.pod.entries(), self.office.entries)
        assert "FAULT" not in self.pod.run("check")
        self.pod.stop()
        assert "FAULT" not in self.pod.run("check")


class KillStorm(unittest.TestCase):
    def test_nothing_that_was_acknowledged_is_lost(self):
        pod = Pod.found(members=2)
        # So that journals get checkpoints and are rewritten on the way.
        pod.set("vaults", "checkpoint_tail_octets", 64 * 1024)
        pod.set("vaults", "rewrite_above_octets", 64 * 1024)
        sink = Sink(SEED)
        sink.lead(pod)
        storm = Storm(pod, sink, SEED)
        begin = time.monotonic()
        try:
            pod.start()
            for account in storm.accounts.values():
                storm.meet(account)
            pod.kill()
            pod.wait()
            storm.hire(SEED)
            while storm.kills < KILLS:
                storm.blow()
            storm.final_look()
            self.report(storm, time.monotonic() - begin)
            self.assertEqual(pod.leftovers(), [])
            self.assertEqual(pod.complaints(), [])
        except BaseException:
            print(f"seed {SEED}, kill {storm.kills}; the pod is kept in {pod.folder}", file=sys.stderr)
            raise
        finally:
            storm.weather.finish()
            pod.give_up()
            sink.close()
        shutil.rmtree(pod.folder)

    def report(self, storm, took):
        acknowledged = storm.weather.acknowledged
        print(f"seed {SEED}: {storm.kills - storm.stops} kills and {storm.stops} stops in {took:.0f} s; "
              f"{sum(acknowledged.values())} operations acknowledged "
              f"({', '.join(f'{what} {count}' for what, count in sorted(acknowledged.items()))}); "
              f"0 lost; {storm.duplicates()} duplicates of deliveries that were not acknowledged, "
              f"{storm.sink.duplicates()} at the other server; "
              f"longest start {storm.worst:.2f} s, longest stop {storm.worst_stop:.2f} s", file=sys.stderr)


if __name__ == "__main__":
    unittest.main()
