"""Debian's Exim on a host."""

import pathlib
import subprocess

import mta

# Exim obeys root only of a file at this place.
CONFIGURATION = pathlib.Path("/etc/exim4/exim4.conf")
TEXT = """
primary_hostname = mx.{domain}
qualify_domain = {domain}
domainlist ours = {domains}
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
pid_file_path = {folder}/exim.pid
log_selector = +tls_cipher +smtp_confirmation
keep_environment =
local_interfaces = <; 0.0.0.0 ; ::0
tls_advertise_hosts = *
tls_certificate = {folder}/certificate.pem
tls_privatekey = {folder}/key.pem
smtputf8_advertise_hosts = *
dsn_advertise_hosts = *
message_size_limit = 4000000
acl_smtp_rcpt = recipient


begin acl
recipient:
  deny recipients = no@{domain}
       message = 5.7.1 not you
  defer recipients = later@{domain}
        message = 4.2.0 come back later
  accept hosts = 127.0.0.1
  accept domains = +ours
  deny message = we do not relay

begin routers
others:
  driver = dnslookup
  domains = ! +ours
  transport = to_others
  no_more
everyone:
  driver = accept
  transport = maildir

begin transports
to_others:
  driver = smtp
maildir:
  driver = appendfile
  directory = {folder}/mail/everyone
  maildir_format
  return_path_add
  user = mail
  group = mail

begin retry
* * F,1d,2s
"""


class Exim(mta.Mta):
    def __init__(self, host, folder, domains):
        super().__init__(host, folder, domains)
        mta.add_accounts([], ["Debian-exim"])
        (folder / "spool").mkdir()
        subprocess.run(["chown", "Debian-exim:", folder, folder / "key.pem", folder / "spool", folder / "log"], check=True)
        CONFIGURATION.write_text(TEXT.format(folder=folder, domain=self.domain, domains=" : ".join(domains)))
        self.start()

    def start(self):
        with open(self.folder / "log/start", "ab") as log:
            self.host.start("exim4", "-bdf", "-q2s", stdout=log, stderr=log)
        self.await_port()

    def stop(self):
        self.host.stop()

    def flush(self):
        """Tries everything again, though it be too early."""
        self.host.run("exim4", "-qff")
