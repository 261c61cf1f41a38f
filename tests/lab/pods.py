"""A pod on a host of the lab: its own domain, its members, the real ports."""

import email
import email.policy
import imaplib
import json
import os
import re
import smtplib
import ssl
import subprocess

import network

MAILPOD = os.environ["MAILPOD"]


def with_settings(text, settings):
    """mailpod.toml with some lines changed: {"section.key": value as TOML}."""
    section, out, left = "", [], dict(settings)
    for line in text.splitlines():
        if found := re.match(r"\[([\w.]+)\]", line):
            section = found.group(1)
        key = line.split(" = ")[0]
        value = left.pop(f"{section}.{key}", None)
        out.append(f"{key} = {value}" if value else line)
    if left:
        raise KeyError(f"mailpod.toml has no {left}")
    return "\n".join(out) + "\n"


class Pod:
    """`members`: their names; the first is the maintainer."""

    def __init__(self, host, folder, domain, members, settings):
        self.host, self.folder, self.domain = host, folder, domain
        self.path, self.maintainer = folder / "pod", folder / "maintainer"
        self.name = "mx." + domain
        folder.mkdir()
        self.command("init", self.path, "--domain", domain, "--maintainer-key", self.maintainer)
        admitted = self.command("member", "admit", *members, "--maintainer", members[0],
                                "--maintainer-key", self.maintainer)
        enrolled = self.command("enrol", "--app", "lab", stdin=admitted)
        self.passwords = {line.split("\t")[0].split("@")[0]: line.split("\t")[1] for line in enrolled.splitlines()}
        self.configure({"pod.host_name": f'"{self.name}"', **settings})
        # With the name that clients use.
        network.make_certificate(self.path / "tls", self.name)
        self.start()

    def configure(self, settings):
        """Counts from the next start on."""
        configuration = self.path / "mailpod.toml"
        configuration.write_text(with_settings(configuration.read_text(), settings))

    @property
    def certificate(self):
        return self.path / "tls/certificate.pem"

    def run(self, *arguments, stdin=""):
        """On the pod's own host."""
        before = [] if arguments[0] == "init" else ["--pod", str(self.path)]
        return subprocess.run(self.host.command(MAILPOD, *before, *arguments), input=stdin, text=True,
                              capture_output=True, timeout=network.PATIENCE)

    def remark(self, *arguments):
        """What the command line says beside its answer."""
        return self.run(*arguments).stderr

    def refusal(self, *arguments):
        """Why the command line does not do it."""
        done = self.run(*arguments)
        if done.returncode != 1:
            raise AssertionError(f"{arguments} was done: {done.stdout}")
        return done.stderr

    def command(self, *arguments, stdin="", check=True):
        """The command line's standard output."""
        done = self.run(*arguments, stdin=stdin)
        if check and done.returncode != 0:
            raise AssertionError(f"{arguments}: {done.stderr}\n{self.log()}")
        return done.stdout

    def log(self):
        return (self.folder / "log").read_text() if (self.folder / "log").exists() else ""

    def start(self):
        reading, writing = os.pipe()
        with open(self.folder / "log", "ab") as log:
            self.process = self.host.start(MAILPOD, "--pod", self.path, "serve", "--ready-fd", writing,
                                           pass_fds=[writing], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        os.close(writing)
        with open(reading) as ready:
            if ready.readline() != "ready\n":
                raise AssertionError(self.log())

    def stop(self):
        self.process.terminate()
        if self.process.wait(network.PATIENCE) != 0:
            raise AssertionError(self.log())
        self.host.processes.remove(self.process)

    def kill(self):
        self.process.kill()
        self.process.wait(network.PATIENCE)
        self.host.processes.remove(self.process)

    def address(self, name):
        return f"{name}@{self.domain}"

    def tls(self):
        return ssl.create_default_context(cafile=self.certificate)

    def imap(self, name):
        with self.host.inside():
            client = imaplib.IMAP4_SSL(self.name, ssl_context=self.tls(), timeout=network.PATIENCE)
        client.login(self.address(name), self.passwords[name])
        return client

    def submission(self, name):
        """Logged in as the member, from the pod's own host."""
        with self.host.inside():
            client = smtplib.SMTP(self.name, 587, timeout=network.PATIENCE)
        client.starttls(context=self.tls())
        client.login(self.address(name), self.passwords[name])
        return client

    def submit(self, name, message, recipients):
        with self.submission(name) as client:
            return client.send_message(message, self.address(name), recipients)

    def submit_octets(self, name, octets, recipients, mail_options=("BODY=8BITMIME",), rcpt_options=()):
        with self.submission(name) as client:
            return client.sendmail(self.address(name), recipients, octets, mail_options, rcpt_options)

    def receives(self, name, message_id, mailbox="INBOX"):
        """The octets of every copy that a member has of a message, once there is one."""
        client = self.imap(name)

        def seek():
            client.select(mailbox, readonly=True)
            found = client.search(None, "HEADER", "Message-ID", f'"{message_id}"')[1][0].split()
            return [client.fetch(number, "(BODY.PEEK[])")[1][0][1] for number in found]
        copies = network.eventually(lambda: f"{message_id} in {name}'s {mailbox}: {self.log()}", seek)
        client.logout()
        return copies

    def reports(self, name, letter):
        """The octets of those that tell a member of a letter of theirs, in their order."""
        client = self.imap(name)
        client.select("INBOX", readonly=True)
        found = client.search(None, "HEADER", "Content-Type", "multipart/report",
                              "TEXT", f'"{letter["Message-ID"]}"')[1][0].split()
        octets = [client.fetch(number, "(BODY.PEEK[])")[1][0][1] for number in found]
        client.logout()
        return octets

    def returned(self, name, letter, action="Action: "):
        """The report that tells a member of a letter of theirs."""
        reports = network.eventually(lambda: f"a report about {letter['Subject']}: {self.queue()} {self.log()}", lambda: [
            report for report in self.reports(name, letter) if action.encode() in report])
        return email.message_from_bytes(reports[-1], policy=email.policy.default)

    def queue(self):
        """What waits, each entry as `queue show` says it; but for those that went in between."""
        shown = [self.command("--json", "queue", "show", entry["entry"], check=False) for entry in self.waiting()]
        return [json.loads(entry) for entry in shown if entry]

    def waiting(self):
        """What waits, each entry as `queue list` says it."""
        return json.loads(self.command("--json", "queue", "list"))["entries"]
