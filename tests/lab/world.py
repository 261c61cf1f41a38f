"""Who is on the network: the pods ada.lab and bee.lab, another MTA (mostly Postfix) for fix.lab and others, the DNS for
them all, and places that cannot be reached."""

import email.message
import email.policy
import email.utils
import ipaddress
import pathlib

import names
import network
import pods
import postfix

ROOT = pathlib.Path("/run/lab")
ADA, BEE, FIX, BROKEN, GONE = 11, 12, 21, 66, 99

# Of every line that says "to fix", the other MTA takes the mail.
ZONE = f"""
ada          MX 10 mx.ada
mx.ada       A 192.0.2.{ADA}
             AAAA 2001:db8::{ADA}
bee          MX 10 mx.bee
mx.bee       A 192.0.2.{BEE}
             AAAA 2001:db8::{BEE}
fix          MX 10 mx.fix
mx.fix       A 192.0.2.{FIX}
             AAAA 2001:db8::{FIX}

; To fix, by ways that are unusual but right, or wrong and common.
alias        CNAME fix
cnamed       MX 10 also
also         CNAME mx.fix
bare         A 192.0.2.{FIX}
six          MX 10 mx.six
mx.six       AAAA 2001:db8::{FIX}
several      MX 5 mx.gone
             MX 10 mx.closed
             MX 20 mx.fix
slow         NS ns.slow
ns.slow      A 192.0.2.{BROKEN}

; To nowhere, now or ever.
gone         MX 10 mx.gone
mx.gone      A 192.0.2.{GONE}
closed       MX 10 mx.closed
mx.closed    A 192.0.2.{BROKEN}
null         MX 0 .
nothing      TXT "neither mail nor an address"
mine         MX 10 mx.ada
servfail     NS ns.servfail
ns.servfail  A 192.0.2.{BROKEN}
silent       NS ns.silent
ns.silent    A 192.0.2.{BROKEN}
lame         NS ns.lame
ns.lame      A 192.0.2.{BROKEN}
"""
# A day of waiting in half a minute.
IMPATIENT = {"sending.retry_seconds": "[2]", "sending.connect_milliseconds": "3000", "dns.timeout_milliseconds": "8000",
             "sending.private_networks": "true"}
TO_FIX = ("fix", "alias", "cnamed", "bare", "six", "several", "slow")

# Other letters, lines of dots, and a line that is nearly too long.
ODD_BODY = "Schöne Grüße.\r\n.\r\n..\r\n" + "x" * 900 + "\r\n"


def letter(sender, to, subject, body="A body.\r\n", answers=None):
    """`answers`: the message that this one is a reply to."""
    out = email.message.EmailMessage(email.policy.SMTP)
    out["From"], out["To"], out["Subject"] = sender, to, subject
    out["Date"], out["Message-ID"] = email.utils.formatdate(), email.utils.make_msgid(domain=sender.split("@")[1])
    if answers:
        out["In-Reply-To"] = answers["Message-ID"]
        out["References"] = f'{answers.get("References", "")} {answers["Message-ID"]}'.strip()
    out.set_content(body)
    return out


class Pair:
    """The pod ada.lab and another MTA, which takes the mail of fix.lab. One a process: see alone.sh. `more`: hosts."""

    def __init__(self, server, settings=None, more=None):
        network.make()
        numbers = {"ada": ADA, "fix": FIX, **(more or {})}
        self.hosts = {name: network.Host(name, number) for name, number in numbers.items()}
        reverse = "".join(f"{ipaddress.ip_address(address).reverse_pointer}. 60 PTR mx.{name}.lab.\n"
                          for name, host in self.hosts.items() for address in (host.ipv4, host.ipv6))
        self.names = names.Names(ROOT / "names", ZONE, reverse)
        self.ada = pods.Pod(self.hosts["ada"], ROOT / "ada", "ada.lab", ["alice", "anna"],
                            {"messages.size_octets": "3000000", **IMPATIENT, **(settings or {})})
        self.fix = server(self.hosts["fix"], ROOT / "fix", [name + ".lab" for name in TO_FIX])

    def stop(self):
        self.ada.stop()
        self.names.stop()
        self.fix.stop()


class World(Pair):
    """With the pod bee.lab, and Postfix."""

    def __init__(self):
        super().__init__(postfix.Postfix, more={"bee": BEE})
        self.postfix = self.fix
        self.bee = pods.Pod(self.hosts["bee"], ROOT / "bee", "bee.lab", ["bob", "ben"],
                            {"sending.warn_after_seconds": "3", "sending.give_up_after_seconds": "8", **IMPATIENT,
                             "dns.servers": f'["{self.names.resolver.ipv4}"]'})
        self.hosts["ada"].swallows(f"192.0.2.{GONE}")

    def stop(self):
        self.bee.stop()
        super().stop()
