"""Maintainers and newcomers at work: acts are signed and recorded, people enrol, app passwords come and go."""

import json

import imap
import ledger
import load
from storm_pod import Complaint, PATIENCE

OWN_DEVICE, SPARE_DEVICE = "own", "spare"


class Person:
    """A newcomer, as far as it was acknowledged."""

    def __init__(self, number):
        self.name, self.address = f"n{number}", f"n{number}@pod.lab"
        self.receives = number % 2 == 0  # mail; who does is not suspended
        self.progress = None    # or invited, enrolled
        self.code = None        # of the enrolment; None while invited: nobody knows it
        self.password = None    # of OWN_DEVICE
        self.spare = None       # of SPARE_DEVICE
        self.spare_was = None   # one that was revoked
        self.spare_unknown = False  # the slot may be there, and its password was never told
        self.suspended = False


class Office(load.Worker):
    """Now and then one act of administration, through the command line."""

    def __init__(self, name, weather, seed, storm):
        super().__init__(name, weather, seed)
        self.pod, self.storm = storm.pod, storm
        self.people, self.admitted = [], 0
        self.entries = self.pod.entries()
        self.command = None
        self.doubt = None   # (what is to be settled, the person)
        self.touched = set()
        self.busy = False   # whether this turn brings any

    def work(self):
        for _ in range(self.dice.choice((1, 1, 2)) if self.busy else 0):
            if self.weather.is_on():
                self.one_act()
        self.weather.wait_for_end()

    def one_act(self):
        for person in self.people:
            if person.progress == "invited":
                return self.enrol(person) if person.code else self.reissue(person)
        enrolled = [person for person in self.people if person.password]
        if len(enrolled) < 2 or self.dice.random() < 0.3:
            return self.admit()
        person = self.dice.choice(enrolled[-4:])
        if person.suspended:
            return self.act(person, "reinstate")
        if person.receives or self.dice.random() < 0.6:
            self.change_spare(person)
        else:
            self.act(person, "suspend")

    def ask(self, what, person, *arguments, stdin=""):
        """One command; None if the daemon was killed meanwhile, and then `what` is in doubt."""
        self.doubt = what, person
        self.touched.add(person)
        self.command = self.pod.begin(*arguments)
        out, complaint = self.command.communicate(stdin, PATIENCE)
        status, self.command = self.command.returncode, None
        if status == 0:
            self.doubt = None
            self.weather.acknowledge(what)
            return out
        self.weather.note_loss(self.name, Complaint(f"{what} {person.name}: {status} {complaint}"))
        return None

    def admit(self):
        self.admitted += 1
        person = Person(self.admitted)
        self.people.append(person)
        out = self.ask("admit", person, "member", "admit", person.name, *self.pod.maintainer())
        if out:
            self.entries += 1
            person.progress, person.code = "invited", out.split("\t")[1].strip()

    def reissue(self, person):
        out = self.ask("reissue", person, "member", "reissue", person.name, *self.pod.maintainer())
        if out:
            self.entries += 1
            person.code = out.split("\t")[1].strip()

    def enrol(self, person):
        out = self.ask("enrol", person, "enrol", "--app", OWN_DEVICE, stdin=f"{person.address}\t{person.code}\n")
        if out:
            person.progress, person.password = "enrolled", out.split("\t")[1].strip()

    def act(self, person, kind):
        hours = ("--hours", "1") if kind == "suspend" else ()
        if self.ask(kind, person, "member", kind, person.name, *hours, *self.pod.maintainer()) is not None:
            self.entries += 1
            person.suspended = kind == "suspend"

    def change_spare(self, person):
        secret = person.password + "\n"
        if person.spare or person.spare_unknown:
            if self.ask("revoke", person, "app-password", "revoke", person.address, SPARE_DEVICE, stdin=secret) is None:
                return
            person.spare, person.spare_was, person.spare_unknown = None, person.spare, False
        else:
            out = self.ask("add", person, "app-password", "add", person.address, SPARE_DEVICE, stdin=secret)
            person.spare = out.strip() if out else None

    def finish(self):
        """Nobody is left half-way."""
        for person in self.people:
            if person.progress == "invited" and not person.code:
                self.reissue(person)
            if person.progress == "invited":
                self.enrol(person)
        self.touched.update(self.people)
        self.settle()

    # After a restart -------------------------------------------------------------------------------------------------

    def settle(self):
        """Takes from the pod what came of the command that was in doubt, then compares; nothing if none was given."""
        if not self.touched:
            return
        listed = self.pod.members()
        doubt, person = self.doubt or (None, None)
        self.doubt = None
        if doubt in ("admit", "reissue", "suspend", "reinstate"):
            recorded = self.pod.entries()
            if recorded not in (self.entries, self.entries + 1):
                raise ledger.Violation(f"{recorded} entries, {self.entries} were acknowledged, one in doubt")
            happened, self.entries = recorded > self.entries, recorded
            self.settle_act(doubt, person, listed.get(person.address), happened)
        elif doubt == "enrol":
            pass  # tried again, by the same code
        elif doubt in ("add", "revoke"):
            slots = self.spares(person)
            if len(slots) > 1:
                raise ledger.Violation(f"{person.name}: {slots}")
            if doubt == "add":
                person.spare_unknown = bool(slots)
            elif not slots:
                person.spare, person.spare_was, person.spare_unknown = None, person.spare, False
        self.compare(listed)
        self.touched.clear()

    def settle_act(self, doubt, person, found, happened):
        if doubt == "admit":
            if happened != (found is not None):
                raise ledger.Violation(f"{person.name}: the record of acts and the directory differ: {found}")
            if not found:
                self.people.remove(person)
            else:
                person.progress = "invited"  # by a code that nobody saw
        elif doubt == "reissue":
            # Recorded, the old code may be void already.
            person.code = None if happened else person.code
        elif happened:
            person.suspended = doubt == "suspend"

    def spares(self, person):
        slots = json.loads(self.pod.run("--json", "app-password", "list", person.address,
                                        stdin=person.password + "\n"))["slots"]
        return [slot for slot in slots if slot["name"] == SPARE_DEVICE]

    def compare(self, listed):
        for person in self.touched & set(self.people):
            found = listed.get(person.address)
            if found is None:
                raise ledger.Violation(f"{person.name} is lost")
            if ("suspended_until" in found) != person.suspended:
                raise ledger.Violation(f"{person.name}: suspended: {person.suspended}, but {found}")
            allowed = {"invited": {"invited"} if person.code else {"invited", "admitted"},
                       "enrolled": {"enrolled"}}[person.progress]
            if found["progress"] not in allowed | ({"enrolled"} if person.code else set()):
                raise ledger.Violation(f"{person.name}: {person.progress}, but {found}")
            if person.password and not person.suspended:
                self.try_passwords(person)
        unknown = set(listed) - self.storm.founders - {person.address for person in self.people}
        if unknown:
            raise ledger.Violation(f"nobody admitted {unknown}")

    def try_passwords(self, person):
        """Every secret that was told opens; one that was revoked does not."""
        self.storm.welcome(person)
        for password in filter(None, (person.password, person.spare)):
            imap.Client(self.pod.port("IMAPS"), self.pod.tls, person.address, password).close()
        if person.spare_was:
            try:
                imap.Client(self.pod.port("IMAPS"), self.pod.tls, person.address, person.spare_was).close()
            except imap.Refused:
                return
            raise ledger.Violation(f"{person.name}: a revoked app password opens")
