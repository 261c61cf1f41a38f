"""A crowd of clients that say an octet now and then and never come to an end, in a process of its own; and how long
another client waits beside them. They come from many addresses of 127.0.0.0/8, as servers count the connections of one."""

import contextlib
import itertools
import multiprocessing
import selectors
import socket
import ssl
import statistics
import time

import pod

OF_ONE_ADDRESS = 40
SLICES = 20  # of the crowd; one speaks at a time


def first_words_of_tls():
    ours = ssl.MemoryBIO()
    connection = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), ours, server_hostname="mail.pod.lab")
    with contextlib.suppress(ssl.SSLWantReadError):
        connection.do_handshake()
    return ours.read()


# What is said, octet by octet, on which port; and before that in one go.
WAYS = {
    "commands": ("SMTP", b"NOOP\r\n", ()),
    "messages": ("SMTP", b"a line that never ends ", (b"EHLO crowd.lab\r\n", b"MAIL FROM:<a@crowd.lab>\r\n",
                                                      b"RCPT TO:<alice@pod.lab>\r\n", b"DATA\r\n")),
    "strangers": ("IMAP", b"a NOOP\r\n", ()),
    "handshakes": ("IMAPS", first_words_of_tls(), ()),
}


class Dawdler:
    def __init__(self, way, number, ports):
        name, words, self.overture = WAYS[way]
        self.port = ports[name]
        self.speaks_first = name == "IMAPS"
        address, self.words = number // OF_ONE_ADDRESS, itertools.cycle(words)
        self.source = f"127.{1 + address // 250}.{address % 250}.1"
        self.socket = None

    def come(self):
        self.socket = socket.create_connection((pod.HOST, self.port), timeout=pod.PATIENCE,
                                               source_address=(self.source, 0))
        if self.overture:
            self.socket.recv(1000)
            for line in self.overture:
                self.socket.sendall(line)
                self.socket.recv(1000)
        self.socket.setblocking(False)

    def say_an_octet(self):
        self.socket.send(bytes([next(self.words)]))


def dawdle(crowd, ports, period, pipe):
    """Until the pipe says so. Who is cut off comes again."""
    dawdlers = [Dawdler(way, number, ports) for number, way in enumerate(crowd)]
    watched = selectors.EpollSelector()
    tally = {"octets": 0, "cut": 0}

    def come(dawdler):
        dawdler.come()
        watched.register(dawdler.socket, selectors.EVENT_READ, dawdler)

    def come_again(dawdler):
        watched.unregister(dawdler.socket)
        dawdler.socket.close()
        tally["cut"] += 1
        come(dawdler)

    for dawdler in dawdlers:
        come(dawdler)
    watched.register(pipe, selectors.EVENT_READ)
    pipe.send("all are there")
    for turn in itertools.count():
        due = time.monotonic() + period / SLICES
        for dawdler in dawdlers[turn % SLICES::SLICES]:
            try:
                dawdler.say_an_octet()
                tally["octets"] += 1
            except OSError:
                come_again(dawdler)
        while (left := due - time.monotonic()) > 0:
            for key, _ in watched.select(left):
                if key.fileobj is pipe:
                    pipe.send(tally)
                    return
                try:
                    if key.fileobj.recv(4096):
                        continue
                except OSError:
                    pass
                come_again(key.data)


class Crowd:
    """`size` of them, of every way as many, each with an octet every `period` seconds."""

    def __init__(self, one, size, period):
        ports = {name: one.port(name) for name in ("SMTP", "IMAP", "IMAPS")}
        ways = itertools.islice(itertools.cycle(WAYS), size)
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=dawdle, args=(list(ways), ports, period, theirs), daemon=True)
        self.process.start()
        theirs.close()
        self.pipe.recv()

    def go(self):
        """What they did."""
        self.pipe.send("go")
        tally = self.pipe.recv()
        self.process.join(pod.PATIENCE)
        return tally


class Neighbour:
    """Somebody with real work to do. `waits`: what -> seconds, each."""

    def __init__(self, one):
        self.pod, self.waits = one, {}
        self.session = one.imap("alice")
        self.session.select("INBOX")

    def do(self, what, deed):
        begun = time.monotonic()
        answer = deed()
        self.waits.setdefault(what, []).append(time.monotonic() - begun)
        return answer

    def log_in(self):
        client = self.pod.imap("bob")
        client.logout()

    def deliver(self):
        with self.pod.exchange() as client:
            client.sendmail("a@elsewhere.lab", ["alice@pod.lab"], pod.message().as_bytes())

    def append(self):
        kind, words = self.session.append("INBOX", None, None, pod.message().as_bytes())
        assert kind == "OK", words

    def fetch(self):
        kind, words = self.session.fetch("1:*", "(FLAGS BODY.PEEK[HEADER])")
        assert kind == "OK", words

    def work(self, rounds):
        for _ in range(rounds):
            self.do("append", self.append)
            self.do("fetch", self.fetch)
            self.do("login", self.log_in)
            self.do("delivery", self.deliver)
            self.session.store("1:*", "+FLAGS.SILENT", r"(\Deleted)")
            self.session.expunge()

    def percentile(self, what, hundredth):
        return statistics.quantiles(self.waits[what], n=100, method="inclusive")[hundredth - 1]

    def slowest(self):
        """The greatest p99 of all that it did."""
        return max(self.percentile(what, 99) for what in self.waits)

    def __str__(self):
        return "; ".join(f"{what} p50 {self.percentile(what, 50) * 1000:.0f} ms, p99 "
                         f"{self.percentile(what, 99) * 1000:.0f} ms" for what in self.waits)
