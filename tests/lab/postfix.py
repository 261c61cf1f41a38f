"""Debian's Postfix on a host."""

import grp
import json
import pwd
import subprocess

import mta

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
shlib_directory = /usr/lib/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/log/mail.log
maillog_file_prefixes = {folder}
myhostname = mx.{domain}
myorigin = {domain}
mydestination =
inet_interfaces = all
inet_protocols = all
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
biff = no
virtual_mailbox_domains = {domains}
virtual_mailbox_maps = static:everyone/
virtual_mailbox_base = {folder}/mail
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
message_size_limit = 4000000
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_recipient_restrictions = permit_mynetworks, check_recipient_access inline:{{
  {{ no@fix.lab = 550 5.7.1 not you }}, {{ later@fix.lab = 450 4.2.0 come back later }},
  {{ careful@fix.lab = reject_unverified_sender }} }}, reject_unauth_destination
smtpd_tls_cert_file = {folder}/certificate.pem
smtpd_tls_key_file = {folder}/key.pem
smtpd_tls_security_level = may
smtpd_tls_loglevel = 1
smtpd_tls_received_header = yes
smtp_tls_security_level = may
smtp_tls_loglevel = 1
smtputf8_enable = yes
queue_run_delay = 2s
minimal_backoff_time = 2s
maximal_backoff_time = 4s
smtp_connect_timeout = 5s
{more}
"""

MASTER = """
smtp      inet  n - n - - smtpd
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
relay     unix  - - n - - smtp
lmtp      unix  - - n - - lmtp
showq     unix  n - n - - showq
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
virtual   unix  - n n - - virtual
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""


class Postfix(mta.Mta):
    more = ""  # lines of main.cf

    def __init__(self, host, folder, domains):
        super().__init__(host, folder, domains)
        mta.add_accounts(["postdrop"], ["postfix"])
        for name in ("etc", "spool/pid", "data"):
            (folder / name).mkdir(parents=True)
        subprocess.run(["chown", "postfix:", folder / "data"], check=True)
        (folder / "etc/main.cf").write_text(MAIN.format(
            folder=folder, domain=self.domain, domains=" ".join(domains), uid=pwd.getpwnam("mail").pw_uid,
            gid=grp.getgrnam("mail").gr_gid, more=self.more))
        (folder / "etc/master.cf").write_text(MASTER)
        (folder / "etc/dynamicmaps.cf").write_text("")
        self.start()

    def start(self):
        with open(self.folder / "log/start.log", "ab") as log:
            self.host.start("postfix", "-c", self.folder / "etc", "start-fg", stdout=log, stderr=log)
        self.await_port()

    def stop(self):
        self.host.run("postfix", "-c", self.folder / "etc", "stop")
        self.host.stop()

    def queue(self):
        done = self.host.run("postqueue", "-c", self.folder / "etc", "-j")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def flush(self):
        self.host.run("postqueue", "-c", self.folder / "etc", "-f")
