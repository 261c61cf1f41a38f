"""A pod to test against: started by packaging/quickstart.sh on free ports, in a temporary folder, and stopped again."""

import contextlib
import email.message
import email.policy
import email.utils
import imaplib
import json
import os
import pathlib
import random
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAILPOD = os.environ.get("MAILPOD", str(ROOT / "build/release/mailpod"))
QUICKSTART = ROOT / "packaging/quickstart.sh"
OFFSETS = (25, 587, 465, 143, 993, 80, 443)
HOST = "127.0.0.1"
PATIENCE = 60  # seconds for anything that should take less than one


given_ports = set()


def free_port_base():
    """A base whose ports nobody uses, that this process has not given to anyone, and that the kernel does not give to
    outgoing connections."""
    while True:
        base = random.randrange(10000, 31000)
        ports = {base + offset for offset in OFFSETS}
        if ports & given_ports:
            continue
        with contextlib.ExitStack() as held:
            try:
                for port in ports:
                    held.enter_context(socket.socket()).bind((HOST, port))
            except OSError:
                continue
        given_ports.update(ports)
        return base


def quickstart(folder, *arguments, check=True):
    done = subprocess.run([QUICKSTART, "--dir", str(folder), *arguments], env={**os.environ, "MAILPOD": MAILPOD},
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=PATIENCE * 3)
    if check and done.returncode != 0:
        raise AssertionError(done.stdout)
    return done


def settings_of(folder):
    pairs = {}
    for line in (pathlib.Path(folder) / "quickstart.env").read_text().splitlines():
        if not line.startswith("#"):
            key, value = line.split("=", 1)
            pairs[key] = value
    return pairs


class Pod:
    def __init__(self, *arguments):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mailpod-"))
        self.path = self.folder / "pod"
        self.base = free_port_base()
        self.clients = []
        self.start(*arguments)

    def start(self, *arguments):
        quickstart(self.folder, "--detach", "--port-base", str(self.base), *arguments)
        self.settings = settings_of(self.folder)
        self.process = int(self.settings["PID"])
        self.tls = ssl.create_default_context(cafile=str(self.path / "tls/certificate.pem"))

    def stop(self):
        quickstart(self.folder, "--stop")

    def remove(self):
        for client in self.clients:
            client.sock.close()
        quickstart(self.folder, "--stop", check=False)
        shutil.rmtree(self.folder)

    def port(self, name):
        return int(self.settings[name + "_PORT"])

    def address(self, name):
        return name + "@pod.lab"

    def password(self, name):
        for line in (self.folder / "members.tsv").read_text().splitlines():
            if line.startswith(self.address(name) + "\t"):
                return line.split("\t")[1]
        raise KeyError(name)

    def run(self, *arguments, stdin=None, check=True):
        """The pod's command line."""
        done = subprocess.run([MAILPOD, "--pod", str(self.path), *arguments], input=stdin or "", text=True,
                              capture_output=True, timeout=PATIENCE)
        if check and done.returncode != 0:
            raise AssertionError(done.stderr)
        return done

    def as_maintainer(self, *arguments, check=True):
        return self.run(*arguments, "--maintainer-key", str(self.folder / "maintainer"), check=check)

    def newcomer(self, name):
        """Admits and enrols; the app password."""
        code = self.as_maintainer("member", "admit", name).stdout
        return self.run("enrol", "--app", "test", stdin=code).stdout.split("\t")[1].strip()

    def imap(self, name=None, password=None):
        client = imaplib.IMAP4_SSL(HOST, self.port("IMAPS"), ssl_context=self.tls, timeout=PATIENCE)
        self.clients.append(client)
        if name:
            client.login(self.address(name), password or self.password(name))
        return client

    def submission(self, name=None, password=None):
        client = smtplib.SMTP(HOST, self.port("SUBMISSION"), timeout=PATIENCE)
        client.starttls(context=self.tls)
        if name:
            client.login(self.address(name), password or self.password(name))
        return client

    def exchange(self):
        """As another server, on port 25."""
        return smtplib.SMTP(HOST, self.port("SMTP"), timeout=PATIENCE)

    def connect(self, name):
        return socket.create_connection((HOST, self.port(name)), timeout=PATIENCE)


class Neighbour(Pod):
    """A pod of a domain of its own, which sends mail to others: made as its people would make it. Stopped at first."""

    def __init__(self, domain, *members, init=()):
        self.domain = domain
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mailpod-"))
        self.path = self.folder / "pod"
        self.base = free_port_base()
        self.clients = []
        self.serving = None
        subprocess.run([MAILPOD, "init", str(self.path), "--domain", domain, "--maintainer-key",
                        str(self.folder / "maintainer"), *init], check=True, capture_output=True, timeout=PATIENCE)
        for section, offset in zip(("smtp", "submission", "submissions", "imap", "imaps"), OFFSETS):
            self.set("listen." + section, address=HOST, port=self.base + offset)
        self.passwords = {name: self.newcomer(name) for name in members}
        self.tls = ssl.create_default_context(cafile=str(self.path / "tls/certificate.pem"))

    def set(self, section, **values):
        """Settings in mailpod.toml; counts from the next start on."""
        path = self.path / "mailpod.toml"
        before, after = path.read_text().split(f"[{section}]\n", 1)
        head, *rest = after.split("\n[", 1)
        lines = head.split("\n")
        for name, value in values.items():
            at = next(number for number, line in enumerate(lines) if line.startswith(name + " = "))
            lines[at] = f"{name} = {json.dumps(value)}"
        path.write_text(before + f"[{section}]\n" + "\n[".join(["\n".join(lines), *rest]))

    def start(self):
        ready, theirs = os.pipe()
        with open(self.folder / "mailpod.log", "ab") as log:
            self.serving = subprocess.Popen([MAILPOD, "--pod", str(self.path), "serve", "--ready-fd", str(theirs)],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=(theirs,))
        os.close(theirs)
        with open(ready) as word:
            if word.read() != "ready\n":
                raise AssertionError((self.folder / "mailpod.log").read_text())

    def stop(self, how=signal.SIGTERM):
        if self.serving:
            self.serving.send_signal(how)
            self.serving.wait(PATIENCE)
            self.serving = None

    def remove(self):
        for client in self.clients:
            client.sock.close()
        self.stop(signal.SIGKILL)
        shutil.rmtree(self.folder)

    def port(self, name):
        return self.base + dict(zip(("SMTP", "SUBMISSION", "SUBMISSIONS", "IMAP", "IMAPS"), OFFSETS))[name]

    def address(self, name):
        return f"{name}@{self.domain}"

    def password(self, name):
        return self.passwords[name]


class OnePod(unittest.TestCase):
    """Tests that share one pod."""
    arguments = ()

    @classmethod
    def setUpClass(cls):
        cls.pod = Pod(*cls.arguments)

    @classmethod
    def tearDownClass(cls):
        cls.pod.remove()


def message(subject="A subject", body="A body.\r\n", sender="alice@pod.lab", to="bob@pod.lab"):
    out = email.message.EmailMessage(email.policy.SMTP)  # lines end with CRLF
    out["From"], out["To"], out["Subject"] = sender, to, subject
    out["Date"] = email.utils.formatdate()
    out["Message-ID"] = email.utils.make_msgid(domain="pod.lab")
    out.set_content(body)
    return out


def wait_for(client, mailbox, criterion):
    """The sequence numbers that a SEARCH finds, once it finds any: a delivery shows at the next command."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        client.select(mailbox)
        kind, found = client.search(None, *criterion)
        if kind == "OK" and found[0]:
            return found[0].split()
        time.sleep(0.02)
    raise AssertionError(f"nothing found in {PATIENCE} s: " + " ".join(criterion))
