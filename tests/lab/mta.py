"""What the tests ask of every other MTA on a host, whoever made it: it takes mail for its domains, and puts what comes
for any name there into one Maildir, folder/mail/everyone."""

import email
import email.policy
import pwd
import smtplib
import subprocess

import network


def add_accounts(groups, users):
    """Those that Debian's package makes, in the lab's own /etc. `users`: each with a group of its name."""
    for group in (*groups, *users):
        subprocess.run(["groupadd", "--force", "--system", group], check=True)
    for user in users:
        if user not in (entry.pw_name for entry in pwd.getpwall()):
            subprocess.run(["useradd", "--system", "--gid", user, "--no-create-home", user], check=True)


class Mta:
    """`domains`: what it takes mail for; the first is its own. Who derives from it configures, starts and stops it."""
    def __init__(self, host, folder, domains):
        self.host, self.folder, self.domain, self.domains = host, folder, domains[0], domains
        for name in ("log", "mail"):
            (folder / name).mkdir(parents=True)
        subprocess.run(["chown", "mail:mail", folder / "mail"], check=True)
        network.make_certificate(folder, "mx." + self.domain)

    def await_port(self):
        network.eventually(self.log, lambda: self.host.listens(25))

    def log(self):
        return "".join(path.read_text() for path in sorted((self.folder / "log").iterdir()))

    def logs(self, words, times=1):
        """Waits for lines of the log, each with all these words; gives them."""
        def seek():
            found = [line for line in self.log().splitlines() if all(word in line for word in words)]
            return found if len(found) >= times else None
        return network.eventually(lambda: f"{times} lines with {words}:\n{self.log()}", seek)

    def submit(self, message, recipients):
        """As a program on the MTA's own host does."""
        with self.host.inside(), smtplib.SMTP("127.0.0.1", 25, timeout=network.PATIENCE) as client:
            client.send_message(message, to_addrs=recipients)

    def submit_octets(self, sender, recipients, octets, wishes=()):
        """`wishes`: what stands after each RCPT."""
        with self.host.inside(), smtplib.SMTP("127.0.0.1", 25, timeout=network.PATIENCE) as client:
            client.sendmail(sender, recipients, octets, ["BODY=8BITMIME"], wishes)

    def octets(self):
        """All messages delivered here, as they are in the Maildir."""
        return [path.read_bytes() for path in sorted((self.folder / "mail/everyone").glob("new/*"))]

    def mail(self):
        return [email.message_from_bytes(octets, policy=email.policy.default) for octets in self.octets()]

    def receives(self, message_id):
        """The message, once it is here."""
        def seek():
            return [message for message in self.mail() if message["Message-ID"] == message_id]
        return network.eventually(lambda: message_id + " here: " + self.log(), seek)[0]

    def returned(self, letter):
        """The report that says why the letter could not be delivered, as words with single spaces."""
        def seek():
            return [text for message in self.mail() for part in message.walk()
                    if part.get_content_type() == "message/delivery-status"
                    and letter["Message-ID"] in (text := " ".join(message.as_string().split()))]
        return network.eventually(lambda: "a report about " + letter["Message-ID"] + ": " + self.log(), seek)[0]
