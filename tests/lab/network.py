"""Hosts: network namespaces joined by a bridge that stands in one more. See alone.sh for what surrounds them."""

import contextlib
import ctypes
import os
import socket
import subprocess
import time

PATIENCE = 60  # seconds for anything that should take less than one
CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


def eventually(what, seek):
    """What `seek` gives, once it gives something."""
    deadline = time.monotonic() + PATIENCE
    while not (found := seek()):
        if time.monotonic() > deadline:
            raise AssertionError(f"in {PATIENCE} s there was never {what() if callable(what) else what}")
        time.sleep(0.05)
    return found


def ip(*arguments, at=None):
    inside = ["-n", at] if at else []
    subprocess.run(["ip", *inside, *arguments], check=True, timeout=PATIENCE)


def enter(namespace):
    """Takes this thread there: sockets that it makes from now on are of that namespace."""
    with open(namespace, "rb") as handle:
        if LIBC.setns(handle.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns " + namespace)


def make_certificate(folder, name):
    """certificate.pem and key.pem, signed by itself."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days", "30", "-subj", "/CN=" + name, "-addext", "subjectAltName=DNS:" + name,
                    "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"], check=True, capture_output=True)


class Host:
    """A machine on the network. `number` is the last part of both its addresses."""

    def __init__(self, name, number):
        self.name = name
        self.ipv4, self.ipv6 = f"192.0.2.{number}", f"2001:db8::{number}"
        self.processes = []
        ip("netns", "add", name)
        ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name, at="switch")
        ip("link", "set", name, "master", "bridge", "up", at="switch")
        ip("link", "set", "lo", "up", at=name)
        # No duplicate is on the network, and nobody waits a second to hear so.
        ip("addr", "add", self.ipv4 + "/24", "dev", "eth0", at=name)
        ip("addr", "add", self.ipv6 + "/64", "dev", "eth0", "nodad", at=name)
        ip("link", "set", "eth0", "up", at=name)

    def command(self, *arguments):
        return ["nsenter", f"--net=/run/netns/{self.name}", *map(str, arguments)]

    def run(self, *arguments):
        return subprocess.run(self.command(*arguments), check=True, text=True, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=PATIENCE)

    def start(self, *arguments, **options):
        process = subprocess.Popen(self.command(*arguments), **options)
        self.processes.append(process)
        return process

    def stop(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(PATIENCE)
        self.processes.clear()

    def listens(self, port):
        try:
            with self.inside(), socket.create_connection((self.ipv4, port), timeout=PATIENCE):
                return True
        except ConnectionRefusedError:
            return False

    @contextlib.contextmanager
    def inside(self):
        """Sockets made within are this host's."""
        enter("/run/netns/" + self.name)
        try:
            yield
        finally:
            enter("/run/netns/outside")

    def swallows(self, other):
        """Whatever this host sends to the other's IPv4 address is lost on the way, without an answer."""
        ip("neigh", "replace", other, "lladdr", "02:00:00:00:00:01", "dev", "eth0", "nud", "permanent", at=self.name)

    def unplug(self):
        ip("link", "set", self.name, "down", at="switch")

    def plug(self):
        ip("link", "set", self.name, "up", at="switch")


def make():
    """The bridge. Once in a process."""
    if os.getpid() != 1:
        raise RuntimeError("the lab runs within tests/lab/alone.sh")
    ip("netns", "attach", "outside", "1")
    ip("netns", "add", "switch")
    ip("link", "add", "bridge", "type", "bridge", at="switch")
    ip("link", "set", "bridge", "up", at="switch")
