"""When to work and when the lightning strikes: the turns that all workers take together, and what they achieved."""

import collections
import threading
import time
import traceback


class Weather:
    def __init__(self):
        self.changed = threading.Condition()
        self.turn = 0
        self.on = False
        self.over = False
        self.working = set()  # names of the workers that have not parked
        self.waiting = {}     # worker -> the turn it has taken
        self.acknowledged = collections.Counter()
        self.this_turn = 0
        self.deliveries = {}  # token -> recipients; since they were last compared
        self.failure = None

    # A worker's side -------------------------------------------------------------------------------------------------

    def wait_for_turn(self):
        """Parks until the next turn begins; False once all is over."""
        me = threading.current_thread().name
        with self.changed:
            taken = self.turn
            self.working.discard(me)
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.over or self.turn > taken)
            return not self.over

    def is_on(self):
        return self.on

    def wait_for_end(self):
        """For those who have done enough this turn."""
        with self.changed:
            self.changed.wait_for(lambda: not self.on)

    def acknowledge(self, what):
        with self.changed:
            self.acknowledged[what] += 1
            self.this_turn += 1
            self.changed.notify_all()

    def under_way(self, token, recipients):
        with self.changed:
            self.deliveries[token] = recipients

    def note_loss(self, name, gone):
        """A connection went. While the daemon is up, that is a failure."""
        with self.changed:
            if self.on:
                # The kill may have come, and the main thread not yet the turn to say so.
                self.changed.wait_for(lambda: not self.on, timeout=5)
            if self.on:
                self._fail(f"{name}: lost the connection, nobody was killed: {gone!r}")

    def fail(self, name, failure):
        with self.changed:
            self.working.discard(name)
            self._fail(f"{name}: {failure!r}\n{''.join(traceback.format_exception(failure))}")

    def _fail(self, text):
        self.failure = self.failure or text
        self.changed.notify_all()

    # The main thread's side ------------------------------------------------------------------------------------------

    def enrol(self, workers):
        for worker in workers:
            self.working.add(worker.name)
            worker.start()
        self.wait_until_parked()

    def begin(self, names):
        with self.changed:
            self.turn += 1
            self.this_turn = 0
            self.working = set(names)
            self.on = True
            self.changed.notify_all()

    def wait_for_operations(self, count, patience):
        """Until so many operations were acknowledged this turn."""
        with self.changed:
            enough = self.changed.wait_for(lambda: self.failure or self.this_turn >= count, timeout=patience)
            assert enough, f"only {self.this_turn} operations in {patience} seconds"
            self.raise_failure()

    def wait_for_moment(self, seconds):
        """A while in which work goes on."""
        end = time.monotonic() + seconds
        with self.changed:
            self.changed.wait_for(lambda: self.failure, timeout=max(0.0, end - time.monotonic()))
            self.raise_failure()

    def end(self):
        with self.changed:
            self.on = False
            self.changed.notify_all()

    def wait_until_parked(self, patience=120):
        with self.changed:
            parked = self.changed.wait_for(lambda: self.failure or not self.working, timeout=patience)
            assert parked, f"still working: {self.working}"
            self.raise_failure()

    def finish(self):
        with self.changed:
            self.on, self.over = False, True
            self.changed.notify_all()

    def raise_failure(self):
        if self.failure:
            raise AssertionError(self.failure)
