#!/usr/bin/env python3
"""What a login costs the server: processor time for each, of the whole connection and of the login alone.

TCP, TLS 1.3 with a resumed session, a login, LOGOUT; then the same without the login, which is taken off. One client
after the other, so that the figure does not depend on how fast this program is. `login_cost.py [MEMBERS] [ROUNDS]`, as
root; with PEERS=FOLDER, where dovecot.sh lies, Dovecot is measured beside it."""

import base64
import hashlib
import os
import pathlib
import ssl
import subprocess
import socket
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "interop"))
import pod  # noqa: E402
import scram_test  # noqa: E402

MEMBERS = int(sys.argv[1]) if len(sys.argv) > 1 else 100
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
HUMANS = min(MEMBERS, 40)  # whose passwords are dear
TICK = os.sysconf("SC_CLK_TCK")
TLS = ssl.create_default_context()
TLS.check_hostname, TLS.verify_mode = False, ssl.CERT_NONE
PASSWORD = "correct horse battery staple"


def processor_seconds(root):
    """Of a process and all its descendants, those that have ended included."""
    parents, times = {}, {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(entry.name)] = int(fields[1])
        times[int(entry.name)] = sum(map(int, fields[11:15])) / TICK
    def descends(process):
        while process and process != root:
            process = parents.get(process, 0)
        return process == root
    return sum(time for process, time in times.items() if descends(process))


class Line:
    """One connection; the next one resumes its TLS session."""
    session = {}

    def __init__(self, port):
        raw = socket.create_connection((pod.HOST, port), timeout=pod.PATIENCE)
        self.socket = TLS.wrap_socket(raw, session=Line.session.get(port))
        self.file = self.socket.makefile("rb")
        self.port = port
        self.file.readline()

    def say(self, line):
        self.socket.sendall(line + b"\r\n")

    def answer(self):
        while True:
            line = self.file.readline()
            if not line or not line.startswith(b"* "):
                return line

    def close(self):
        self.say(b"z LOGOUT")
        self.answer()
        Line.session[self.port] = self.socket.session
        self.file.close()
        self.socket.close()


def nothing(line, name, password):
    pass


def plain(line, name, password):
    line.say(b"a AUTHENTICATE PLAIN " + base64.b64encode(f"\0{name}\0{password}".encode()))
    answer = line.answer()
    assert answer.startswith(b"a OK"), answer


def scram(line, name, password):
    client = scram_test.Client(name, password)
    line.say(b"a AUTHENTICATE SCRAM-SHA-256 " + base64.b64encode(client.first()))
    line.say(base64.b64encode(client.final(base64.b64decode(line.answer()[2:]))))
    line.answer()
    line.say(b"")
    answer = line.answer()
    assert answer.startswith(b"a OK"), answer


def measure(process, port, how, people, rounds=1):
    """Milliseconds of processor time a connection."""
    count = 0
    before = processor_seconds(process)
    for _ in range(rounds):
        for name, password in people:
            line = Line(port)
            how(line, name, password)
            line.close()
            count += 1
    time.sleep(0.3)  # for what goes on behind the last LOGOUT
    return (processor_seconds(process) - before) * 1000 / count


def report(what, whole, without):
    alone = max(whole - without, 0.001)
    print(f"{what:44} {whole:8.2f} ms a connection, {alone:8.2f} ms the login: {1000 / whole:7.0f}/s and core, "
          f"{1000 / alone:7.0f}/s", flush=True)


class HumanPod(pod.Neighbour):
    """A pod whose charter lets human passwords into mail programs, from its founding on."""

    def __init__(self, domain, *members):
        super().__init__(domain)
        governance = self.path / "governance"
        charter = governance / "charter-0001.toml"
        before = charter.read_bytes()
        charter.write_bytes(before.replace(b'passwords = "app"', b'passwords = "any"'))
        for signature in governance.glob("charter-0001.*.minisig"):
            signature.unlink()
        self.run("charter", "sign", str(charter), "--maintainer-key", str(self.folder / "maintainer"))
        configuration = self.path / "mailpod.toml"
        old, new = (hashlib.sha256(octets).hexdigest() for octets in (before, charter.read_bytes()))
        configuration.write_text(configuration.read_text().replace(old, new))
        for name in members:
            code = self.as_maintainer("member", "admit", name).stdout.split("\t")[1]
            self.run("enrol", name, "--app", "test", stdin=f"{code.strip()}\n{PASSWORD}\n{PASSWORD}\n")


def measure_humans():
    one = HumanPod("pod.lab", *(f"m{n}" for n in range(HUMANS)))
    try:
        one.start()
        port, process = one.port("IMAPS"), one.serving.pid
        people = [(f"m{n}", PASSWORD) for n in range(HUMANS)]
        measure(process, port, nothing, people)
        without = measure(process, port, nothing, people, ROUNDS)
        report("mailpod: human password, first", measure(process, port, plain, people), without)
        report("mailpod: human password, repeated", measure(process, port, plain, people, ROUNDS), without)
    finally:
        one.remove()



def measure_mailpod():
    names = [f"m{n}" for n in range(MEMBERS)]
    one = pod.Neighbour("pod.lab", *names)
    try:
        one.start()
        port, process = one.port("IMAPS"), one.serving.pid
        people = [(name, one.password(name)) for name in names]
        measure(process, port, nothing, people)
        without = measure(process, port, nothing, people, ROUNDS)
        report("mailpod: no login", without, 0)
        report("mailpod: SCRAM, vault shut", measure(process, port, scram, people), without)
        report("mailpod: SCRAM, repeated", measure(process, port, scram, people, ROUNDS), without)
        report("mailpod: app password, first, vault open", measure(process, port, plain, people), without)
        report("mailpod: app password, repeated", measure(process, port, plain, people, ROUNDS), without)
        one.stop()
        one.start()
        process = one.serving.pid
        measure(process, port, nothing, people)
        report("mailpod: app password, first, vault shut", measure(process, port, plain, people), without)
    finally:
        one.remove()


def measure_dovecot(scheme, rounds):
    peers = pathlib.Path(os.environ["PEERS"])
    with tempfile.TemporaryDirectory(prefix="dovecot-") as folder:
        environment = {**os.environ, "TLS": "1", "SCHEME": scheme, "USERS": str(MEMBERS)}
        said = subprocess.run(["bash", peers / "dovecot.sh", "start", folder], env=environment, check=True, text=True,
                              stdout=subprocess.PIPE, timeout=300).stdout
        settings = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
        try:
            port, process = int(settings["IMAPS_PORT"]), int(settings["DOVECOT_PID"])
            people = [(f"u{n + 1}", "pw") for n in range(MEMBERS)]
            measure(process, port, nothing, people)
            without = measure(process, port, nothing, people, rounds)
            report(f"dovecot {scheme}: no login", without, 0)
            report(f"dovecot {scheme}: first", measure(process, port, plain, people), without)
            report(f"dovecot {scheme}: repeated", measure(process, port, plain, people, rounds), without)
        finally:
            subprocess.run(["bash", peers / "dovecot.sh", "stop", folder], check=False)


if __name__ == "__main__":
    measure_mailpod()
    measure_humans()
    if "PEERS" in os.environ:
        for peers_scheme, peers_rounds in (("PLAIN", ROUNDS), ("ARGON2ID", 1)):
            measure_dovecot(peers_scheme, peers_rounds)
