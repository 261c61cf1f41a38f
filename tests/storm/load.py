"""Those who use the pod while the storm blows: each a thread that does one acknowledged thing after the other until the
connection dies, then parks until the daemon is back."""

import random
import smtplib
import threading

import imap
import ledger
import letters

MOST_MESSAGES = 25  # of a worker's mailbox; beyond, some are expunged


def says_goodbye(refusal):
    """Whether this is how a server that stops takes its leave: 421, or that a mail store was closed."""
    replies = [(getattr(refusal, "smtp_code", 0), b"")]
    if isinstance(refusal, smtplib.SMTPRecipientsRefused):
        replies = refusal.recipients.values()
    return "[UNAVAILABLE]" in str(refusal) or any(code == 421 for code, _ in replies)


class Worker(threading.Thread):
    """`weather` says when to work, counts what was acknowledged, and takes what went wrong."""

    def __init__(self, name, weather, seed):
        super().__init__(name=name, daemon=True)
        self.weather = weather
        self.dice = random.Random(f"{seed} {name}")
        self.tokens = 0

    def new_letter(self):
        """(token, size)"""
        self.tokens += 1
        large = self.dice.random() < 0.05
        size = letters.LARGE + self.dice.randrange(60_000) if large else 300 + self.dice.randrange(6_000)
        return f"{self.name}-{self.tokens}", size

    def run(self):
        try:
            while self.weather.wait_for_turn():
                try:
                    self.work()
                except smtplib.SMTPServerDisconnected as gone:
                    self.weather.note_loss(self.name, gone)
                except (smtplib.SMTPException, imap.Refused) as refused:  # may be an OSError too, but is no loss
                    if not says_goodbye(refused):
                        raise
                    self.weather.note_loss(self.name, refused)
                except OSError as gone:
                    self.weather.note_loss(self.name, gone)
                finally:
                    self.hang_up()
        except BaseException as failure:  # whatever it is, the storm is over
            self.weather.fail(self.name, failure)

    def work(self):
        """Until OSError, or until it is not this worker's turn any more."""
        raise NotImplementedError

    def hang_up(self):
        pass


def plain_smtp(pod):
    """As another server, on port 25."""
    return smtplib.SMTP("127.0.0.1", pod.port("SMTP"), timeout=imap.PATIENCE)


def submission(pod):
    """As alice's mail client."""
    client = smtplib.SMTP_SSL("127.0.0.1", pod.port("SUBMISSIONS"), timeout=imap.PATIENCE, context=pod.tls)
    client.login("alice@pod.lab", pod.password("alice"))
    return client


class Exchange(Worker):
    """Another server, that delivers to one or several members, and again what was not answered."""

    def __init__(self, name, weather, seed, pod, accounts):
        super().__init__(name, weather, seed)
        self.pod, self.accounts = pod, accounts
        self.unanswered = None  # (letter, recipients)
        self.client = None

    def connect(self):
        return plain_smtp(self.pod)

    def recipients(self):
        return self.dice.sample(self.accounts, min(self.dice.choice((1, 1, 2, 3)), len(self.accounts)))

    def work(self):
        self.client = self.connect()
        while self.weather.is_on():
            (token, size), recipients = self.unanswered or (self.new_letter(), self.recipients())
            self.unanswered = (token, size), recipients
            for recipient in recipients:
                recipient.expect(token)
            self.weather.under_way(token, recipients)
            refused = self.client.sendmail("alice@pod.lab", [recipient.address for recipient in recipients],
                                           letters.octets(token, size))
            assert not refused, refused
            self.unanswered = None
            for recipient in recipients:
                recipient.promise(token)
            self.weather.acknowledge("delivery")

    def hang_up(self):
        if self.client:
            self.client.close()
        # Most servers try again; one that was told nothing may also give up.
        if self.unanswered and self.dice.random() < 0.3:
            self.unanswered = None


class Submitter(Exchange):
    """A member who writes to another, to somebody elsewhere, or to both."""

    def __init__(self, name, weather, seed, pod, accounts, sink):
        super().__init__(name, weather, seed, pod, accounts)
        self.sink = sink

    def recipients(self):
        return self.dice.choice((self.accounts, [self.sink], [*self.accounts, self.sink]))

    def connect(self):
        return submission(self.pod)


class Reader(Worker):
    """A member's mail client. Several of one member share INBOX: each has its share of the UIDs."""

    def __init__(self, name, weather, seed, pod, account, share):
        super().__init__(name, weather, seed)
        self.pod, self.account = pod, account
        self.share, self.shares = share
        self.made = 0
        self.client = None
        self.deeds = ((self.append, 6), (self.transfer, 6), (self.store, 6), (self.expunge, 2), (self.refresh, 3),
                      (self.create, 1), (self.rename, 1), (self.delete, 1))

    def work(self):
        self.client = imap.Client(self.pod.port("IMAPS"), self.pod.tls, self.account.address, self.account.password)
        if not self.own_boxes():
            self.create()
        self.refresh()
        while self.weather.is_on():
            deed, = self.dice.choices([deed for deed, _ in self.deeds], [weight for _, weight in self.deeds])
            deed()

    def hang_up(self):
        if self.client:
            self.client.close()

    def under(self, doubt):
        with self.account.lock:
            self.account.doubts.append(doubt)
        return doubt

    def acknowledged(self, doubt, *answer):
        with self.account.lock:
            doubt.done(self.account, *answer)
            self.account.doubts.remove(doubt)
        self.weather.acknowledge(type(doubt).__name__.lower())

    def own_boxes(self):
        with self.account.lock:
            return [box for name, box in sorted(self.account.boxes.items()) if name.startswith(self.name + " ")]

    def some_of(self, box, at_least=0):
        """UIDs that are ours, one to three or as many as are wanted, as far as there are."""
        with self.account.lock:
            uids = [uid for uid in box.messages if box.name != "INBOX" or uid % self.shares == self.share]
        return self.dice.sample(uids, min(len(uids), max(at_least, self.dice.choice((1, 1, 2, 3)))))

    def some_box(self):
        with self.account.lock:
            inbox = self.account.boxes["INBOX"]
        return self.dice.choice([inbox, inbox, *self.own_boxes()])

    def enter(self, box):
        """Afterwards this session has heard of all that others of the member know."""
        if self.client.selected != box.name:
            self.client.select(box.name)
        else:
            self.client.run("NOOP")

    def refresh(self):
        """Learns what was delivered."""
        with self.account.lock:
            inbox = self.account.boxes["INBOX"]
            highest = inbox.highest
        self.client.select("INBOX")
        fields = "UID BODY.PEEK[HEADER.FIELDS (X-STORM)]"
        new = [message for message in self.client.fetch(f"{highest + 1}:*", fields) if message.uid > highest]
        with self.account.lock:
            for message in new:
                if message.uid > inbox.highest:
                    self.account.arrive(message.uid, *letters.name_in(message.octets))

    def append(self):
        box = self.dice.choice(self.own_boxes())
        token, size = self.new_letter()
        flags = self.dice.choice(((), ("\\Seen",), ("\\Flagged", "$Work")))
        doubt = self.under(ledger.Append(box, token, size, flags))
        validity, uid = self.client.append(box.name, letters.octets(token, size), flags)
        assert validity == box.validity, (box.name, validity, box.validity)
        self.acknowledged(doubt, uid)

    def transfer(self):
        source, target = self.some_box(), self.dice.choice(self.own_boxes())
        uids = self.some_of(source)
        if source is target or not uids:
            return
        moves = self.dice.random() < (0.5 if source.name == "INBOX" else 0.3)
        self.enter(source)
        doubt = self.under(ledger.Transfer(source, uids, target, moves))
        validity, pairs = self.client.transfer("MOVE" if moves else "COPY", uids, target.name)
        assert validity == target.validity, (target.name, validity, target.validity)
        self.acknowledged(doubt, pairs)

    def store(self):
        box = self.some_box()
        uids = self.some_of(box)
        if not uids:
            return
        flags = self.dice.sample(("\\Seen", "\\Flagged", "\\Answered", "$Work", f"k{self.dice.randrange(5)}"), 2)
        self.set_flags(box, uids, flags)

    def set_flags(self, box, uids, flags):
        self.enter(box)
        doubt = self.under(ledger.Store(box, uids, flags))
        self.client.run(f"UID STORE {imap.compact(uids)} FLAGS.SILENT ({' '.join(flags)})")
        self.acknowledged(doubt)

    def expunge(self):
        box = self.some_box()
        with self.account.lock:
            surplus = len(box.messages) - MOST_MESSAGES
        uids = self.some_of(box, surplus)
        if not uids:
            return
        self.set_flags(box, uids, ["\\Deleted"])
        doubt = self.under(ledger.Expunge(box, uids))
        self.client.run(f"UID EXPUNGE {imap.compact(uids)}")
        self.acknowledged(doubt)

    def create(self):
        if len(self.own_boxes()) >= 4:
            return
        self.made += 1
        name = f"{self.name} {self.made}"
        doubt = self.under(ledger.Create(name))
        self.client.run(f'CREATE "{name}"')
        doubt.answered = True
        validity, _, exists = self.client.select(name)
        assert exists == 0, (name, exists)
        self.acknowledged(doubt, validity)

    def rename(self):
        box = self.dice.choice(self.own_boxes())
        self.made += 1
        to = f"{self.name} {self.made}"
        self.leave(box)
        doubt = self.under(ledger.Rename(box, to))
        self.client.run(f'RENAME "{box.name}" "{to}"')
        self.acknowledged(doubt)

    def delete(self):
        boxes = self.own_boxes()
        if len(boxes) < 3:
            return
        box = self.dice.choice(boxes)
        self.leave(box)
        doubt = self.under(ledger.Delete(box))
        self.client.run(f'DELETE "{box.name}"')
        self.acknowledged(doubt)

    def leave(self, box):
        if self.client.selected == box.name:
            self.client.run("UNSELECT")
            self.client.selected = None
