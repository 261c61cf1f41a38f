"""Thunderbird on a screen of its own (Xvfb), with an account of a pod's and nothing else: no network but loopback."""

import os
import pathlib
import re
import subprocess
import tempfile
import time
import urllib.parse

import marionette
import pod

PROGRAM = "/usr/lib/thunderbird/thunderbird"
PICTURES = pod.ROOT / "build/thunderbird"
PATIENCE = pod.PATIENCE

# No first-run pages, no questions, no looking for news: what is seen shall be mail.
QUIET = {
    "app.donation.eoy.version.viewed": 999, "app.update.auto": False, "browser.search.update": False,
    "datareporting.policy.dataSubmissionEnabled": False, "datareporting.policy.bypassNotification": True,
    "extensions.update.enabled": False, "mail.provider.suppress_dialog_on_startup": True, "mail.rights.version": 1,
    "mail.shell.checkDefaultClient": False, "mail.spotlight.firstRunDone": True, "mail.winsearch.firstRunDone": True,
    "mailnews.start_page.enabled": False, "mailnews.start_page_override.mstone": "ignore",
    "toolkit.telemetry.enabled": False, "services.settings.server": "", "mail.inappnotifications.enabled": False,
    "network.captive-portal-service.enabled": False, "network.connectivity-service.enabled": False,
    "offline.autoDetect": False, "network.manage-offline-status": False, "mail.biff.show_alert": False,
    "mail.warn_on_send_accel_key": False, "mailnews.auto_config_url": "", "privacy.query_stripping.enabled": False,
}


class Thunderbird:
    def __init__(self, of, name, authority):
        """For member `name` of the pod `of`, trusting certificates of `authority` (a PEM file)."""
        self.folder = tempfile.TemporaryDirectory(prefix="mailpod-")
        self.profile = pathlib.Path(self.folder.name) / "profile"
        self.profile.mkdir()
        self.address = of.address(name)
        self.port = pod.free_port_base()
        self.writes_settings(of, name.capitalize())
        subprocess.run(["certutil", "-N", "-d", f"sql:{self.profile}", "--empty-password"], check=True)
        subprocess.run(["certutil", "-A", "-d", f"sql:{self.profile}", "-n", "pod", "-t", "C,,", "-i", str(authority)],
                       check=True)
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.remote = self.process = None
        self.display, self.screen = self.opens_screen()
        try:
            self.starts()
        except BaseException:
            self.shows("failed")
            self.closes()
            raise

    def folder_uri(self, mailbox):
        return f"imap://{urllib.parse.quote(self.address, safe='')}@localhost/{mailbox}"

    def writes_settings(self, of, full_name):
        server, sends, person = "mail.server.server1.", "mail.smtpserver.smtp1.", "mail.identity.id1."
        settings = {
            **QUIET, "marionette.port": self.port,
            "mail.accountmanager.accounts": "account1", "mail.accountmanager.defaultaccount": "account1",
            "mail.account.account1.server": "server1", "mail.account.account1.identities": "id1",
            # 3: TLS from the first octet; 3: a password as it is.
            server + "type": "imap", server + "hostname": "localhost", server + "port": of.port("IMAPS"),
            server + "userName": self.address, server + "name": self.address, server + "socketType": 3,
            server + "authMethod": 3, server + "login_at_startup": False,
            server + "check_new_mail": False,
            "mail.smtpservers": "smtp1", "mail.smtp.defaultserver": "smtp1", sends + "type": "smtp",
            sends + "hostname": "localhost", sends + "port": of.port("SUBMISSIONS"), sends + "try_ssl": 3,
            sends + "authMethod": 3, sends + "username": self.address,
            person + "fullName": full_name, person + "useremail": self.address, person + "smtpServer": "smtp1",
            # Where copies, drafts and the rest belong it learns from the pod.
            person + "valid": True,
        }
        with open(self.profile / "user.js", "w") as out:
            for name, value in settings.items():
                shown = f'"{value}"' if isinstance(value, str) else str(value).lower()
                out.write(f'user_pref("{name}", {shown});\n')

    def opens_screen(self):
        told, tells = os.pipe()
        screen = subprocess.Popen(["Xvfb", "-displayfd", str(tells), "-screen", "0", "1280x900x24", "-nolisten", "tcp"],
                                  pass_fds=(tells,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(tells)
        with open(told) as word:
            return ":" + word.readline().strip(), screen

    def starts(self):
        environment = {**os.environ, "DISPLAY": self.display, "HOME": self.folder.name, "LANG": "C.UTF-8", "TZ": "UTC",
                       "DBUS_SESSION_BUS_ADDRESS": "disabled:", "NO_AT_BRIDGE": "1", "MOZ_LOG": "IMAP:4,SMTP:4,timestamp,sync",
                       "MOZ_LOG_FILE": str(PICTURES / "protocol.log")}
        with open(PICTURES / "program.log", "w") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "--no-remote", "--profile", str(self.profile), "--marionette", "--remote-allow-system-access"],
                env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.remote = marionette.Marionette(self.port, PATIENCE)
        self.main = self.remote.windows()[0]

    def closes(self):
        try:
            if self.remote:
                self.remote.ends()
                self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()
            self.screen.terminate()
            self.screen.wait()
            self.folder.cleanup()

    def shows(self, name):
        """Keeps a picture of the screen, once the window that is spoken to has painted what it knows."""
        if self.remote:
            self.runs("for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame)")
        subprocess.run(["import", "-display", self.display, "-window", "root", str(PICTURES / f"{name}.png")], check=True)

    def runs(self, script, *arguments):
        return self.remote.runs(script, *arguments)

    def until(self, script, *arguments):
        """The first value of a script that is not nothing."""
        deadline = time.monotonic() + PATIENCE
        failed = None
        while time.monotonic() < deadline:
            try:
                if value := self.runs(script, *arguments):
                    return value
            except marionette.Refused as refused:
                failed = refused  # what it asks about may not be there yet
            time.sleep(0.05)
        self.shows("failed")
        raise AssertionError(f"not within {PATIENCE} s: {script}\n{failed or ''}")

    def idles(self):
        """Once the last that it said by IMAP is IDLE."""
        deadline = time.monotonic() + PATIENCE
        said = []
        while time.monotonic() < deadline:
            log = (PICTURES / "protocol.log.moz_log").read_text(errors="replace")
            said = re.findall(r":S-INBOX:(?:SendData: \d+ (\w+)|CreateNewLineFromSocket: (\+ idling))", log)
            if said and said[-1][1]:
                return
            time.sleep(0.1)
        raise AssertionError(f"it does not IDLE: {said[-3:]}")

    def window_of(self, document):
        """Goes to the window that shows a document, once there is one."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for window in self.remote.windows():
                self.remote.goes_to(window)
                if self.runs("return document.documentURI") == document:
                    return window
            time.sleep(0.05)
        self.shows("failed")
        raise AssertionError(f"no window shows {document}")
