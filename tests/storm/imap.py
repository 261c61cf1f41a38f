"""Just enough of an IMAP client to know exactly what was acknowledged: one command, one answer, UIDs throughout."""

import re
import socket

PATIENCE = 60  # seconds for anything that should take less than one


class Refused(Exception):
    """The server answered NO or BAD."""


class Answer:
    """What came for one command: untagged lines, literals in place, and the tagged line's text."""

    def __init__(self, text, untagged):
        self.text, self.untagged = text, untagged

    def code(self, name):
        """The words of a response code: `[COPYUID 1 2 3]` gives ["1", "2", "3"]."""
        for line in [self.text, *self.untagged]:
            found = re.search(rb"\[" + name.encode() + rb" ([^\]]*)\]", line)
            if found:
                return found.group(1).decode().split()
        return None


def expand(uid_set):
    """`3:5,9` as the UIDs it names."""
    uids = []
    for part in uid_set.split(","):
        first, _, last = part.partition(":")
        uids.extend(range(int(first), int(last or first) + 1))
    return uids


def compact(uids):
    return ",".join(str(uid) for uid in sorted(uids))


class Message:
    """One untagged FETCH."""

    def __init__(self, line):
        self.uid = int(re.search(rb"UID (\d+)", line).group(1))
        flags = re.search(rb"FLAGS \(([^)]*)\)", line)
        self.flags = frozenset(flags.group(1).decode().split()) - {"\\Recent"} if flags else None
        literal = line.find(b"}\r\n")
        self.octets = None
        if literal >= 0:
            length = int(line[line.rindex(b"{", 0, literal) + 1:literal])
            self.octets = line[literal + 3:literal + 3 + length]


def connect(port, tls):
    plain = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        return tls.wrap_socket(plain, server_hostname="pod.lab")
    except BaseException:
        plain.close()
        raise


class Caller:
    """Asks to be let in, and does not wait for the answer."""

    def __init__(self, port, tls, address, password):
        self.socket = connect(port, tls)
        self.socket.sendall(f"a LOGIN {address} {password}\r\n".encode())

    def close(self):
        self.socket.close()


class Client:
    """Raises OSError once the connection is gone: what was under way then is in doubt."""

    def __init__(self, port, tls, address, password):
        self.socket = connect(port, tls)
        self.file = self.socket.makefile("rb")
        self.number = 0
        self.selected = None
        try:
            self._line()
            self.run(f"LOGIN {address} {password}")
        except BaseException:
            self.close()
            raise

    def close(self):
        self.file.close()
        self.socket.close()

    def _octets(self, count):
        got = self.file.read(count)
        if len(got) < count:
            raise ConnectionResetError("the server is gone")
        return got

    def _line(self):
        """One line of the server's, with the literals that it announces."""
        line = self.file.readline()
        while True:
            if not line.endswith(b"\r\n"):
                raise ConnectionResetError("the server is gone")
            literal = re.search(rb"\{(\d+)\}\r\n\Z", line)
            if not literal:
                return line
            line += self._octets(int(literal.group(1))) + self.file.readline()

    def run(self, command, literal=None):
        """One command, of which `literal` is the end if given, up to its tagged answer."""
        self.number += 1
        tag = f"a{self.number}".encode()
        octets = tag + b" " + command.encode()
        if literal is not None:
            octets += b" {%d+}\r\n" % len(literal) + literal  # LITERAL+
        self.socket.sendall(octets + b"\r\n")
        untagged = []
        while True:
            line = self._line()
            if not line.startswith(tag + b" "):
                untagged.append(line)
                if line.startswith(b"* BYE") and command != "LOGOUT":
                    raise ConnectionResetError("the server says BYE")
                continue
            if line.split()[1] != b"OK":
                raise Refused(f"{command}: {line.decode().strip()}")
            return Answer(line, untagged)

    def select(self, box):
        """(UIDVALIDITY, UIDNEXT, messages)"""
        self.selected = None
        answer = self.run(f'SELECT "{box}"')
        self.selected = box
        exists = next(int(line.split()[1]) for line in answer.untagged if line.endswith(b" EXISTS\r\n"))
        return int(answer.code("UIDVALIDITY")[0]), int(answer.code("UIDNEXT")[0]), exists

    def wait_for_message(self):
        """IDLE until the selected mailbox has one more."""
        self.number += 1
        self.socket.sendall(f"a{self.number} IDLE\r\n".encode())
        while not self._line().endswith(b" EXISTS\r\n"):
            pass
        self.socket.sendall(b"DONE\r\n")
        while not self._line().startswith(f"a{self.number} OK".encode()):
            pass

    def fetch(self, uid_set, items):
        answer = self.run(f"UID FETCH {uid_set} ({items})")
        return [Message(line) for line in answer.untagged if b" FETCH (" in line]

    def boxes(self):
        answer = self.run('LIST "" "*"')
        names = []
        for line in answer.untagged:
            listed = re.match(r'\* LIST \(([^)]*)\) "/" (.*)\r\n', line.decode())
            if listed and "\\Noselect" not in listed.group(1):
                names.append(listed.group(2).strip('"'))
        return names

    def append(self, box, octets, flags=()):
        """(UIDVALIDITY, UID)"""
        validity, uid = self.run(f'APPEND "{box}" ({" ".join(flags)})', octets).code("APPENDUID")
        return int(validity), int(uid)

    def transfer(self, verb, uids, box):
        """COPY or MOVE: (UIDVALIDITY, {source UID: its UID there})"""
        code = self.run(f'UID {verb} {compact(uids)} "{box}"').code("COPYUID")
        return int(code[0]), dict(zip(expand(code[1]), expand(code[2])))
