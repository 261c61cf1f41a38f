"""What the server has acknowledged, and what that obliges it to after a kill.

One Account for each member. Workers enter an operation as a doubt before they send it and strike the doubt out once
it is answered; a kill leaves at most one doubt a worker. After the restart, `seen` is what IMAP shows; each doubt is
settled by it one way or the other, whole or not at all, and then ledger and mailbox must agree in everything.
"""

import threading
import time

import letters

DURABLE_AFTER = 1.0  # seconds; flags need not survive a kill before


class Violation(Exception):
    """The server broke a promise."""


class Held:
    """One message in one mailbox."""

    def __init__(self, token, size, flags=()):
        self.token, self.size = token, size
        # What the flags were and since when that was acknowledged; the first entry is durable.
        self.flags = [(frozenset(flags), 0.0)]

    def current_flags(self):
        return self.flags[-1][0]

    def possible_flags(self, killed_at):
        """Those that may stand after a kill: the newest that had to be durable, and all since."""
        durable = max(i for i, (_, since) in enumerate(self.flags) if since <= killed_at - DURABLE_AFTER)
        return [flags for flags, _ in self.flags[durable:]]


class Box:
    def __init__(self, name, validity):
        self.name, self.validity = name, validity
        self.messages = {}  # UID -> Held
        self.highest = 0    # the greatest UID that anybody was ever told
        self.fresh = set()  # UIDs acknowledged since they were last looked at

    def add(self, uid, held):
        if uid <= self.highest:
            raise Violation(f"{self.name}: UID {uid} after {self.highest}")
        self.highest = uid
        self.messages[uid] = held
        self.fresh.add(uid)

    def remove(self, uids):
        for uid in uids:
            del self.messages[uid]
            self.fresh.discard(uid)


class Lock:
    """Reentrant; a copy is another."""

    def __init__(self):
        self.lock = threading.RLock()

    def __enter__(self):
        return self.lock.__enter__()

    def __exit__(self, *what):
        return self.lock.__exit__(*what)

    def __deepcopy__(self, memo):
        return Lock()


class Account:
    def __init__(self, name, password):
        self.name, self.password = name, password
        self.address = name + "@pod.lab"
        self.lock = Lock()
        self.boxes = {}
        self.touched = set()     # names of mailboxes that changed since they were last looked at
        self.doubts = []
        self.validities = set()  # every UIDVALIDITY that was ever seen
        self.attempts = {}       # token -> how often its delivery was begun
        self.delivered = set()   # tokens whose delivery was acknowledged
        self.arrivals = {}       # token -> how often it came

    def new_box(self, name, validity):
        if validity in self.validities:
            raise Violation(f"{self.name}: UIDVALIDITY {validity} was used before, now for {name}")
        self.validities.add(validity)
        self.boxes[name] = Box(name, validity)
        return self.boxes[name]

    def meet(self, client):
        """Enters the mailboxes that there are, empty now but for what the pod itself wrote to its member."""
        for name in client.boxes():
            validity, uid_next, exists = client.select(name)
            for message in client.fetch("1:*", "UID BODY.PEEK[]") if exists else ():
                assert letters.is_the_pods_own(message.octets), name
            self.new_box(name, validity).highest = uid_next - 1

    def touch(self, *names):
        self.touched.update(names)

    def expect(self, token):
        """A delivery begins."""
        with self.lock:
            self.attempts[token] = self.attempts.get(token, 0) + 1

    def promise(self, token):
        """It was acknowledged."""
        with self.lock:
            self.delivered.add(token)

    def arrive(self, uid, token, size):
        """A message was delivered to INBOX."""
        self.boxes["INBOX"].add(uid, Held(token, size))
        self.touch("INBOX")
        self.arrivals[token] = self.arrivals.get(token, 0) + 1
        if self.arrivals[token] > self.attempts.get(token, 0):
            raise Violation(f"{self.name}: {token} came {self.arrivals[token]} times, "
                            f"sent {self.attempts.get(token, 0)} times")

    def settle(self, seen, killed_at):
        """Settles what was in doubt and compares. `seen`: name -> Seen, of every mailbox that was touched."""
        with self.lock:
            for doubt in self.doubts:
                doubt.settle(self, seen)
            self.doubts.clear()
            for name, view in seen.items():
                self._compare(name, view, killed_at)

    def _compare(self, name, view, killed_at):
        box, where = self.boxes.get(name), f"{self.name} {name}"
        if box is None:
            raise Violation(f"{where}: a mailbox that nobody made")
        if view is None:
            raise Violation(f"{where}: the mailbox is lost")
        if view.validity != box.validity:
            raise Violation(f"{where}: UIDVALIDITY {view.validity}, was {box.validity}")
        for uid in sorted(set(view.messages) - set(box.messages)):
            found = view.messages[uid]
            if name != "INBOX":
                raise Violation(f"{where}: UID {uid} ({found.token}) that nobody put there")
            self.arrive(uid, found.token, found.size)
        for uid, held in box.messages.items():
            found = view.messages.get(uid)
            if found is None:
                raise Violation(f"{where}: UID {uid} ({held.token}) is lost")
            if found.token not in (None, held.token):
                raise Violation(f"{where}: UID {uid} is {found.token}, was {held.token}")
            if found.flags not in held.possible_flags(killed_at):
                raise Violation(f"{where}: UID {uid} has flags {sorted(found.flags)}, acknowledged were "
                                f"{[(sorted(f), round(killed_at - t, 3)) for f, t in held.flags]} before the kill")
            held.flags = [(found.flags, 0.0)]
        if view.uid_next <= box.highest:
            raise Violation(f"{where}: UIDNEXT {view.uid_next}, but {box.highest} was given")
        box.fresh.clear()
        self.touched.discard(name)


class Seen:
    """What one mailbox showed. A message's token is None where its octets were not read."""

    class Message:
        def __init__(self, flags):
            self.flags, self.token, self.size = flags, None, None

    def __init__(self, validity, uid_next):
        self.validity, self.uid_next = validity, uid_next
        self.messages = {}


def look(client, account, everything=False):
    """What IMAP shows of the touched mailboxes, with the octets of what is new since the last look; or of all."""
    present, known = set(client.boxes()), set(account.boxes)
    names = present | known if everything else account.touched | {"INBOX"} | (present ^ known)
    for doubt in account.doubts:
        names |= doubt.names
    seen = {}
    for name in names:
        if name not in present:
            if name in account.boxes:
                seen[name] = None
            continue
        validity, uid_next, exists = client.select(name)
        seen[name] = view = Seen(validity, uid_next)
        if exists == 0:
            continue
        for message in client.fetch("1:*", "UID FLAGS"):
            view.messages[message.uid] = Seen.Message(message.flags)
        box = account.boxes.get(name)
        same = box is not None and box.validity == validity and not everything
        unread = [uid for uid in view.messages if not same or uid in box.fresh or uid not in box.messages]
        read_octets(client, f"{account.name} {name}", view, unread)
    return seen


def read_octets(client, where, view, uids):
    if not uids:
        return
    for message in client.fetch(",".join(map(str, uids)), "UID BODY.PEEK[]"):
        if letters.is_the_pods_own(message.octets):
            del view.messages[message.uid]  # nobody's operation is about it
            continue
        name = letters.name_in(message.octets)
        if name is None or not letters.is_whole(message.octets, *name):
            raise Violation(f"{where}: UID {message.uid} has octets that nobody sent: {message.octets[:400]!r}")
        found = view.messages[message.uid]
        found.token, found.size = name


# Operations, as doubts ------------------------------------------------------------------------------------------------

class Doubt:
    """An operation that was sent. `names`: the mailboxes it may change. It has happened whole or not at all."""
    names = frozenset()

    def settle(self, account, seen):
        raise NotImplementedError


class Append(Doubt):
    def __init__(self, box, token, size, flags):
        self.box, self.token, self.size, self.flags = box, token, size, flags
        self.names = frozenset({box.name})

    def done(self, account, uid):
        self.box.add(uid, Held(self.token, self.size, self.flags))
        account.touch(self.box.name)

    def settle(self, account, seen):
        view = seen.get(self.box.name)
        if view is None:
            return
        new = [uid for uid in set(view.messages) - set(self.box.messages) if view.messages[uid].token == self.token]
        for uid in new:  # two would be one too many: the second is UID after UID that nobody put there
            return self.done(account, uid)


class Transfer(Doubt):
    """COPY or MOVE."""

    def __init__(self, source, uids, target, moves):
        self.source, self.uids, self.target, self.moves = source, sorted(uids), target, moves
        self.names = frozenset({source.name, target.name})

    def done(self, account, pairs):
        held = {uid: self.source.messages[uid] for uid in self.uids}
        if sorted(pairs) != self.uids:
            raise Violation(f"{account.name}: asked for {self.uids}, transferred {sorted(pairs)}")
        for uid in self.uids:
            # The flags as they stand are written with the copy.
            self.target.add(pairs[uid], Held(held[uid].token, held[uid].size, held[uid].current_flags()))
        if self.moves:
            self.source.remove(self.uids)
        account.touch(*self.names)

    def settle(self, account, seen):
        view = seen.get(self.target.name)
        new = sorted(set(view.messages) - set(self.target.messages)) if view else []
        if self.target is self.source or len(new) < len(self.uids):
            return
        self.done(account, dict(zip(self.uids, new)))


class Expunge(Doubt):
    def __init__(self, box, uids):
        self.box, self.uids = box, list(uids)
        self.names = frozenset({box.name})

    def done(self, account):
        self.box.remove(self.uids)
        account.touch(self.box.name)

    def settle(self, account, seen):
        view = seen.get(self.box.name)
        if view is not None and not set(self.uids) & set(view.messages):
            self.done(account)


class Store(Doubt):
    def __init__(self, box, uids, flags):
        self.box, self.uids, self.flags = box, list(uids), frozenset(flags)
        self.names = frozenset({box.name})

    def done(self, account):
        self._enter(time.monotonic())
        account.touch(self.box.name)

    def _enter(self, since):
        for uid in self.uids:
            self.box.messages[uid].flags.append((self.flags, since))

    def settle(self, account, seen):
        self._enter(float("inf"))  # may stand, need not


class Create(Doubt):
    """Done once its UIDVALIDITY is known; acknowledged before."""

    def __init__(self, name):
        self.name, self.names = name, frozenset({name})
        self.answered = False

    def done(self, account, validity):
        account.new_box(self.name, validity)
        account.touch(self.name)

    def settle(self, account, seen):
        if seen.get(self.name):
            self.done(account, seen[self.name].validity)
        elif self.answered:
            raise Violation(f"{account.name} {self.name}: the mailbox is lost")


class Delete(Doubt):
    def __init__(self, box):
        self.box, self.names = box, frozenset({box.name})

    def done(self, account):
        del account.boxes[self.box.name]
        account.touched.discard(self.box.name)

    def settle(self, account, seen):
        if seen.get(self.box.name) is None:
            seen.pop(self.box.name, None)
            self.done(account)


class Rename(Doubt):
    def __init__(self, box, to):
        self.box, self.to = box, to
        self.names = frozenset({box.name, to})

    def done(self, account):
        del account.boxes[self.box.name]
        account.touched.discard(self.box.name)
        self.box.name = self.to
        account.boxes[self.to] = self.box
        account.touch(self.to)

    def settle(self, account, seen):
        view = seen.get(self.to)
        if view is not None and view.validity == self.box.validity:
            if seen.get(self.box.name) is None:
                seen.pop(self.box.name, None)
            self.done(account)
