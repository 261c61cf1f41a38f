"""Debian's OpenSMTPD on a host. One in a lab: its spool and its socket are where they are. As a server it offers STARTTLS
and then fails, whatever the key: this version does not get on with OpenSSL 3 (its issue 1171)."""

import grp
import os
import pathlib
import pwd
import shutil
import subprocess

import mta

TEXT = """
pki mx.{domain} cert "{folder}/certificate.pem"
pki mx.{domain} key "{folder}/key.pem"
smtp max-message-size 4000000
table domains {{ {domains} }}
table everyone {{ "@" = mail }}
table users {{ mail = "{uid}:{gid}:{folder}/mail" }}
filter later phase rcpt-to match rcpt-to {{ "later@{domain}" }} reject "450 4.2.0 come back later"
filter no phase rcpt-to match rcpt-to {{ "no@{domain}" }} reject "550 5.7.1 not you"
filter both chain {{ later, no }}
listen on 0.0.0.0 tls pki mx.{domain} hostname mx.{domain} filter both
listen on :: tls pki mx.{domain} hostname mx.{domain} filter both
action everyone maildir "{folder}/mail/everyone" userbase <users> virtual <everyone>
action others relay helo mx.{domain}
match from any for domain <domains> action everyone
match from local for any action others
"""
# Where the program was built to have its own; in the lab alone.
LAYERS = ("/var/lib", "/var/spool")


class OpenSmtpd(mta.Mta):
    def __init__(self, host, folder, domains):
        super().__init__(host, folder, domains)
        mta.add_accounts([], ["opensmtpd", "opensmtpq"])
        for number, place in enumerate(LAYERS):
            upper, work = folder / f"upper{number}", folder / f"work{number}"
            upper.mkdir()
            work.mkdir()
            subprocess.run(["mount", "-t", "overlay", "lab", "-o",
                            f"lowerdir={place},upperdir={upper},workdir={work}", place], check=True)
        pathlib.Path("/var/lib/opensmtpd/empty").mkdir(parents=True, exist_ok=True)
        pathlib.Path("/var/spool/smtpd").mkdir(exist_ok=True)
        pathlib.Path("/var/spool/smtpd").chmod(0o711)
        # It wants to be of this group, which no package could give it.
        self.control = shutil.copy("/usr/sbin/smtpctl", folder)
        shutil.chown(self.control, group="opensmtpq")
        os.chmod(self.control, 0o2755)
        user = pwd.getpwnam("mail")
        (folder / "smtpd.conf").write_text(TEXT.format(
            folder=folder, domain=self.domain, domains=", ".join(f'"{name}"' for name in domains), uid=user.pw_uid,
            gid=grp.getgrnam("mail").gr_gid))
        self.start()

    def start(self):
        with open(self.folder / "log/log", "ab") as log:
            # Postfix has a program of this name, too.
            self.host.start("/usr/sbin/smtpd", "-d", "-f", self.folder / "smtpd.conf", stdout=log, stderr=log)
        self.await_port()

    def stop(self):
        self.host.stop()

    def flush(self):
        """Forgets where it could not connect, and tries everything again."""
        for route in self.host.run(self.control, "show", "routes").stdout.splitlines():
            self.host.run(self.control, "resume", "route", route.split(".")[0])
        self.host.run(self.control, "schedule", "all")
