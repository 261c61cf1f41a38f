"""The servers that the benchmarks compare, and what their processes use: Mailpod, and Debian's Postfix and Dovecot beside it.

Mailpod is started by packaging/quickstart.sh with members u1…uN; the peers by scripts in a folder (`postfix.sh`, `dovecot.sh`: start|stop FOLDER,
settings by environment, KEY=VALUE on standard output). All listen on loopback.
"""
import contextlib
import os
import re
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TICK = os.sysconf("SC_CLK_TCK")
HOST = "127.0.0.1"
MAILPOD = os.environ.get("MAILPOD", str(ROOT / "build/release/mailpod"))


def settings(text):
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))


def run_script(command, log, **environment):
    """Runs a start script; its daemons must not hold our pipes, so what it says goes through a file."""
    with open(log, "wb+") as out:
        ended = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env={**os.environ, **environment})
        out.seek(0)
        said = out.read().decode(errors="replace")
    if ended.returncode:
        raise SystemExit(f"{command[0]} failed:\n{said}")
    return settings(said)


def family(roots):
    """Process ids of these processes and all their descendants, with their CPU time (ended children included) in ticks."""
    table = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                fields = Path("/proc", entry, "stat").read_text().rsplit(")", 1)[1].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            table[int(entry)] = (int(fields[1]), sum(int(n) for n in fields[11:15]))
    members = set(roots)
    while True:
        more = {pid for pid, (parent, _) in table.items() if parent in members} - members
        if not more:
            return {pid: table[pid][1] for pid in members if pid in table}
        members |= more


def cpu_seconds(roots):
    """User and system time."""
    return sum(family(roots).values()) / TICK


def memory(roots):
    """Octets of these processes and their descendants that nobody else holds, plus their share of what several hold."""
    total = 0
    for pid in family(roots):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for line in Path("/proc", str(pid), "smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
    return total


class Mailpod:
    name = "mailpod"

    def __init__(self, folder, port_base, members):
        self.folder, self.port_base = folder / "mailpod", port_base
        run_script([ROOT / "packaging/quickstart.sh", "--dir", self.folder, "--port-base", str(port_base), "--members", str(members),
                    "--detach"], folder / "mailpod.log")
        env = settings((self.folder / "quickstart.env").read_text())
        self.domain = env["ALICE_ADDRESS"].split("@")[1]
        self.smtp_port, self.imap_port, self.imaps_port = (int(env[f"{name}_PORT"]) for name in ("SMTP", "IMAP", "IMAPS"))
        self.roots = [int(env["PID"])]
        self.passwords = dict(line.split("\t")[:2] for line in (self.folder / "members.tsv").read_text().splitlines()
                              if not line.startswith("#"))

    def user(self, number):
        """Name and password of member u<number>."""
        name = f"u{number}@{self.domain}"
        return name, self.passwords[name]

    def admit(self, connections):
        """So many at once on each IMAP port."""
        path = self.folder / "pod/mailpod.toml"
        pattern = r"(?ms)(^\[listen\.imaps?\].*?^connections = )\d+"
        path.write_text(re.sub(pattern, rf"\g<1>{connections}", path.read_text()))
        subprocess.run([MAILPOD, "--pod", self.folder / "pod", "reload"], check=True, stdout=subprocess.DEVNULL)

    def allow(self, number, mib):
        """Member u<number> may keep so much."""
        subprocess.run([MAILPOD, "--pod", self.folder / "pod", "member", "quota", f"u{number}", "--mib", str(mib), "--maintainer-key",
                        self.folder / "maintainer"], check=True, stdout=subprocess.DEVNULL)

    def examine(self, names):
        """From now on mail from this machine is examined as any other's is: SPF, DMARC, reverse names by these name servers, and a
        list; who proves nothing would be put off."""
        script = ROOT / "packaging/quickstart.sh"
        path = self.folder / "pod/mailpod.toml"
        wanted = {"authentication": {"exempt": "[]"}, "dns": {"servers": f'["127.0.0.1@{names.port}"]'},
                  "strangers": {"greylisting": '"unproved"', "lists": '["list.test 4"]'}}
        text = path.read_text()
        for section, values in wanted.items():
            for key, value in values.items():
                text = re.sub(rf"(?ms)(^\[{section}\].*?^{key} = )[^\n]*", lambda found: found[1] + value, text, count=1)
        subprocess.run([script, "--dir", self.folder, "--stop"], check=True, stdout=subprocess.DEVNULL)
        path.write_text(text)
        subprocess.run([script, "--dir", self.folder, "--port-base", str(self.port_base), "--detach"], check=True,
                       stdout=subprocess.DEVNULL)
        self.roots = [int(settings((self.folder / "quickstart.env").read_text())["PID"])]

    def wait_until_stored(self, _):
        """What Mailpod has acknowledged is stored."""

    def stop(self):
        """Does nothing the second time."""
        if self.roots:
            self.roots = []
            subprocess.run([ROOT / "packaging/quickstart.sh", "--dir", self.folder, "--stop"], check=True, stdout=subprocess.DEVNULL)


class Peers:
    domain = "example.test"

    def __init__(self, folder, scripts, port_base, members, crypt):
        self.name = "postfix+dovecot" + ("+mail_crypt" if crypt else "")
        self.scripts, self.folder = scripts, folder / self.name
        self.folder.mkdir()
        self.folder.chmod(0o755)
        dovecot = run_script([scripts / "dovecot.sh", "start", self.folder / "dovecot"], folder / f"{self.name}-dovecot.log",
                             USERS=str(members), CRYPT="1" if crypt else "0", TLS="1", LMTP_PORT=str(port_base),
                             IMAP_PORT=str(port_base + 1), IMAPS_PORT=str(port_base + 3))
        postfix = run_script([scripts / "postfix.sh", "start", self.folder / "postfix"], folder / f"{self.name}-postfix.log",
                             SMTP_PORT=str(port_base + 2), LMTP_PORT=str(port_base))
        self.smtp_port, self.imap_port, self.imaps_port = port_base + 2, port_base + 1, port_base + 3
        self.roots = [int(dovecot["DOVECOT_PID"]), int(postfix["POSTFIX_PID"])]
        self.stored = self.folder / "dovecot/home"

    def user(self, number):
        return f"u{number}", "pw"

    def wait_until_stored(self, expected):
        """Postfix answers when its queue is durable; the work is done when Dovecot has stored the message."""
        deadline = time.monotonic() + 120
        while sum(1 for _ in self.stored.glob("*/Maildir/new/*")) < expected:
            if time.monotonic() > deadline:
                raise SystemExit(f"{self.name}: messages are missing")
            time.sleep(0.02)

    def stop(self):
        for name in ("postfix", "dovecot"):
            subprocess.run([self.scripts / f"{name}.sh", "stop", self.folder / name], check=True)


@contextlib.contextmanager
def servers(options, members=10):
    """Mailpod, and the peers if their scripts are there; stopped and removed at the end."""
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as running:
        folder = Path(name)
        folder.chmod(0o755)
        started = []

        def start(server):
            running.callback(server.stop)
            started.append(server)

        start(Mailpod(folder, options.port_base, members))
        if options.peers.is_dir():
            for place, crypt in enumerate((False, True), 1):
                start(Peers(folder, options.peers, options.port_base + 100 * place, members, crypt))
        else:
            print(f"no peers in {options.peers}: Mailpod alone")
        yield started


def add_options(parser):
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--port-base", type=int, default=22000)
    parser.add_argument("--peers", type=Path, default=ROOT.parent / "shared/peers")


class Work:
    """Measures pieces of work: rate and server CPU a piece, per server, over interleaved rounds."""

    def __init__(self, unit):
        self.unit, self.figures = unit, {}

    def measure(self, server, run):
        """`run()` does the work and says how many pieces it was."""
        cpu, start = cpu_seconds(server.roots), time.monotonic()
        pieces = run()
        rate = pieces / (time.monotonic() - start)
        self.figures.setdefault(server.name, []).append((rate, (cpu_seconds(server.roots) - cpu) / pieces * 1000))

    def report(self, title):
        print(f"{title} (medians of {len(next(iter(self.figures.values())))} rounds)")
        base = None
        for name, rounds in self.figures.items():
            rate = statistics.median(r for r, _ in rounds)
            cpu = statistics.median(c for _, c in rounds)
            base = base or rate
            print(f"  {name:28} {rate:9.0f} {self.unit}/s   {cpu:7.3f} ms CPU each   mailpod is {base / rate:6.2f} times as fast",
                  flush=True)
