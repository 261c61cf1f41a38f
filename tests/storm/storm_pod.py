"""The pod in the storm: founded once by packaging/quickstart.sh, then served by `mailpod serve` directly, which is
started, killed and started again in a moment."""

import json
import os
import pathlib
import re
import select
import shutil
import signal
import ssl
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "interop"))
import pod as interop  # noqa: E402

MAILPOD, PATIENCE, free_port_base = interop.MAILPOD, interop.PATIENCE, interop.free_port_base


class Complaint(Exception):
    """A command of the command line failed."""


class Killed(OSError):
    """The daemon is dead already."""


class Pod:
    """`folder` holds the pod, its maintainer's key and the daemon's log."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.path = self.folder / "pod"
        self.log = self.folder / "daemon.log"
        self.settings = interop.settings_of(self.folder)
        self.tls = ssl.create_default_context(cafile=str(self.path / "tls/certificate.pem"))
        self.daemon = None

    @classmethod
    def found(cls, members=0):
        """A new pod with alice, bob and u1, u2, …, and no mail."""
        founded = interop.Pod("--members", str(members))
        client = founded.imap("bob")
        client.select("INBOX")
        client.store("1:*", "+FLAGS", r"(\Deleted)")
        client.expunge()
        client.logout()
        founded.stop()
        pod = cls(founded.folder)
        pod.set("process", "open_files", 1024)  # as any machine allows, so that there is nothing to complain of
        for what in ("messages", "recipients", "remote_recipients"):  # a storm writes more than a person does
            pod.set("guard", f"{what}_of_member", 1_000_000)
        return pod

    def copy(self, folder):
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns("control.sock", "daemon.log", "mailpod.log"))
        return Pod(folder)

    def set(self, section, name, value):
        path = self.path / "mailpod.toml"
        pattern = rf"(?ms)(^\[{re.escape(section)}\].*?^{name} = )[^\n]*"
        text, changed = re.subn(pattern, rf"\g<1>{value}", path.read_text(), count=1)
        assert changed == 1, (section, name)
        path.write_text(text)

    def move_to(self, port_base):
        for name, offset in zip(("smtp", "submission", "submissions", "imap", "imaps"), interop.OFFSETS):
            self.set("listen." + name, "port", port_base + offset)
            self.settings[name.upper() + "_PORT"] = port_base + offset
        text = "".join(f"{name}={value}\n" for name, value in self.settings.items())
        (self.folder / "quickstart.env").write_text(text)

    def port(self, name):
        return int(self.settings[name + "_PORT"])

    def password(self, name):
        for line in (self.folder / "members.tsv").read_text().splitlines():
            if line.startswith(f"{name}@pod.lab\t"):
                return line.split("\t")[1]
        raise KeyError(name)

    # The daemon ------------------------------------------------------------------------------------------------------

    def begin_start(self, *before):
        """Starts the daemon, behind the command `before` if given; a pipe on which it says that it is ready."""
        reading, writing = os.pipe()
        with open(self.log, "ab") as log:
            self.daemon = subprocess.Popen([*before, MAILPOD, "--pod", str(self.path), "serve", "--ready-fd",
                                            str(writing)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                           pass_fds=[writing])
        os.close(writing)
        return open(reading, "rb")

    def start(self, *before):
        with self.begin_start(*before) as ready:
            word = ready.readline()
        if word == b"ready\n":
            return
        if self.wait() == -signal.SIGKILL:
            raise Killed
        raise AssertionError("the daemon does not start: " + self.log.read_text()[-1000:])

    def kill(self):
        self.daemon.kill()

    def wait(self):
        """Until the daemon is gone, and with it what it locked. Its exit status."""
        return self.daemon.wait(PATIENCE)

    def time_of_death(self):
        """Waits for it, exactly."""
        process = os.pidfd_open(self.daemon.pid)
        try:
            select.select([process], [], [])
            return time.monotonic()
        finally:
            os.close(process)

    def stop(self):
        self.daemon.send_signal(signal.SIGTERM)
        status = self.wait()
        if status == -signal.SIGKILL:
            raise Killed
        assert status == 0, (status, self.log.read_text()[-1000:])

    def give_up(self):
        if self.daemon and self.daemon.poll() is None:
            self.kill()
            self.wait()

    # The command line ------------------------------------------------------------------------------------------------

    def begin(self, *arguments):
        return subprocess.Popen([MAILPOD, "--pod", str(self.path), *arguments], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, *arguments, stdin=""):
        command = self.begin(*arguments)
        out, complaint = command.communicate(stdin, PATIENCE)
        if command.returncode != 0:
            raise Complaint(f"{' '.join(arguments[:2])}: {complaint.strip() or command.returncode}")
        return out

    def maintainer(self):
        return "--maintainer-key", str(self.folder / "maintainer")

    def members(self):
        """Address -> what `member list` says."""
        listed = json.loads(self.run("--json", "member", "list"))["members"]
        return {person["addresses"][0]: person for person in listed}

    def entries(self):
        """How many acts and charters `charter verify` counts, from the pinned hash on."""
        return int(re.search(r" and (\d+) entries", self.run("charter", "verify")).group(1))

    def complaints(self):
        """Lines of the log that are graver than information."""
        lines = self.log.read_text(errors="replace").splitlines()
        return [line for line in lines if re.search(r"\b(warning|error|critical)\b", line)]

    def leftovers(self):
        """What lies about and never goes."""
        left = []
        for path in self.path.rglob("*"):
            name, place = path.name, path.parent.name
            unfinished = place == "tmp" and not re.fullmatch(r"[0-9a-f]{32}\.\d+", name)  # an APPEND goes in the end
            temporary = ".tmp-" in name or name.endswith((".new", ".tail", ".unsure", ".intent"))
            if unfinished or temporary or (place in ("new", "quarantine") and path.is_file()):
                left.append(str(path.relative_to(self.path)))
        return left
