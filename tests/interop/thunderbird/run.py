#!/usr/bin/env python3
"""Thunderbird on a pod, as a person uses it. What it did is asked of the pod by IMAP, and shown in build/thunderbird. See
tests/thunderbird.sh."""

import email
import email.policy
import pathlib
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import authority  # noqa: E402
import pod  # noqa: E402
import program  # noqa: E402

# What scripts begin with: the tab with the list of mail, and a letter's row by its subject.
PANE = """
const pane = document.getElementById("tabmail").currentAbout3Pane;
const row_of = subject => {
  for (let row = 0; row < pane.gDBView.rowCount; row++) {
    if (pane.gDBView.getMsgHdrAt(row).mime2DecodedSubject == subject) return row;
  }
  return -1;
};
const header_of = subject => row_of(subject) < 0 ? null : pane.gDBView.getMsgHdrAt(row_of(subject));
"""
ROOT_FOLDER = """
const root = MailServices.accounts.accounts[0].incomingServer.rootFolder;
"""
COMPOSE = "chrome://messenger/content/messengercompose/messengercompose.xhtml"


class OneThunderbird(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pod = pod.Pod()
        cls.addClassCleanup(cls.pod.remove)
        trusted = authority.certifies(cls.pod)
        cls.far = cls.pod.imap("alice")  # another client of alice's
        cls.bob = cls.pod.imap("bob")
        cls.sends("The first letter", "A letter that lay there before.")
        cls.program = program.Thunderbird(cls.pod, "alice", trusted)
        cls.addClassCleanup(cls.program.closes)
        cls.program.runs("""
          for (const scheme of ["imap", "smtp"]) {
            const login = Cc["@mozilla.org/login-manager/loginInfo;1"].createInstance(Ci.nsILoginInfo);
            login.init(`${scheme}://localhost`, null, `${scheme}://localhost`, args[0], args[1], "", "");
            await Services.logins.addLoginAsync(login);
          }""", cls.program.address, cls.pod.password("alice"))
        cls.opens("INBOX")

    def setUp(self):
        self.program.remote.goes_to(self.program.main)
        self.opens("INBOX")

    def tearDown(self):
        # What a failed test left open is not the next one's.
        self.program.remote.goes_to(self.program.main)
        self.program.runs("""
          for (const open of Services.wm.getEnumerator("msgcompose")) {
            open.gMsgCompose.bodyModified = open.gContentChanged = false;
            open.close();
          }""")

    @classmethod
    def sends(cls, subject, body, **headers):
        letter = pod.message(subject, body=body + "\r\n", sender="bob@pod.lab", to="alice@pod.lab")
        for name, value in headers.items():
            letter[name] = value
        with cls.pod.submission("bob") as client:
            client.send_message(letter)
        return letter

    @classmethod
    def opens(cls, mailbox):
        cls.program.runs(PANE + "pane.displayFolder(args[0])", cls.program.folder_uri(mailbox))

    def sees(self, subject, text):
        """A row with this subject, and once it is selected, this text."""
        self.program.until(PANE + "return row_of(args[0]) >= 0", subject)
        self.program.runs(PANE + "pane.threadTree.selectedIndex = row_of(args[0])", subject)
        self.program.until("""
          const shown = document.getElementById("tabmail").currentAboutMessage;
          return shown.gMessage?.mime2DecodedSubject == args[0] &&
            shown.getMessagePaneBrowser().contentDocument.body?.textContent.includes(args[1])""", subject, text)

    def finds(self, subject, text):
        """The same, of mail that came while Thunderbird may have been about something else: it does not look at an EXISTS
        then, so it is asked to get messages, every two seconds."""
        self.program.until(PANE + """
          if (!(Date.now() - window.asked < 2000)) {
            window.asked = Date.now();
            pane.document.getElementById("folderPaneGetMessages").click();
          }
          return row_of(args[0]) >= 0""", subject)
        self.sees(subject, text)

    def in_mailbox(self, client, mailbox, *criterion):
        """The one message that a SEARCH finds there, once there is such a mailbox and it does."""
        deadline = time.monotonic() + pod.PATIENCE
        while client.select(mailbox)[0] != "OK" and time.monotonic() < deadline:
            time.sleep(0.05)
        number = pod.wait_for(client, mailbox, criterion)
        self.assertEqual(len(number), 1)
        octets = client.fetch(number[0], "(BODY.PEEK[])")[1][0][1]
        return email.message_from_bytes(octets, policy=email.policy.default)

    def writes(self, subject, body):
        """In the window that is open."""
        self.program.window_of(COMPOSE)
        self.program.until("""
          const pane = document.getElementById("messageEditor");
          const editor = pane.getEditor(pane.contentWindow);
          if (!editor || window.gWindowLocked || !window.gMsgCompose?.editor) return false;
          if (args[0]) document.getElementById("msgSubject").value = args[0];
          editor.beginningOfDocument();
          editor.insertText(args[1]);
          return true""", subject, body)

    def new_letter(self, to, subject, body):
        self.program.runs(PANE + "pane.document.getElementById('folderPaneWriteMessage').click()")
        self.writes(subject, body)
        self.program.runs("""
          const field = document.getElementById("toAddrInput");
          field.focus(); field.value = args[0]; field.blur()""", to)

    def lets_go(self):
        """Sends what is in the open window, which then closes."""
        self.program.until("const button = document.getElementById('button-send'); "
                           "if (button.disabled || button.getAttribute('disabled') == 'true') return false; "
                           "button.click(); return true")
        self.program.remote.goes_to(self.program.main)


class Thunderbird(OneThunderbird):
    def test_shows_inbox_and_marks_what_was_read(self):
        self.sees("The first letter", "A letter that lay there before.")
        pod.wait_for(self.far, "INBOX", ("SUBJECT", '"The first letter"', "SEEN"))
        self.program.shows("read")

    def test_new_mail_shows_by_itself(self):
        self.sees("The first letter", "A letter")
        self.program.idles()
        self.sends("It comes while one looks: Grüße", "IDLE told of it.")
        self.sees("It comes while one looks: Grüße", "IDLE told of it.")
        self.program.shows("idle")

    def test_a_letter_reaches_its_reader_and_a_copy_lies_in_sent(self):
        self.new_letter("Bob <bob@pod.lab>", "From a window: Grüße", "Dear Bob,\nwritten by hand. Ünïcödé.\n")
        self.program.shows("written")
        self.lets_go()
        received = self.in_mailbox(self.bob, "INBOX", "FROM", "alice", "SUBJECT", '"From a window"')
        copy = self.in_mailbox(self.far, "Sent", "SUBJECT", '"From a window"')
        for letter in received, copy:
            self.assertEqual(letter["Subject"], "From a window: Grüße")
            self.assertIn("written by hand. Ünïcödé.", letter.get_body(("plain", "html")).get_content())
        self.assertEqual(copy["Message-ID"], received["Message-ID"])
        self.opens("Sent")
        self.sees("From a window: Grüße", "written by hand. Ünïcödé.")
        self.program.shows("sent")

    def test_an_answer_goes_to_its_writer_and_marks_what_it_answers(self):
        sent = self.sends("Do you come?", "On Friday at seven.")
        self.finds("Do you come?", "On Friday at seven.")
        self.program.runs("goDoCommand('cmd_reply')")
        self.writes(None, "I do.\n")
        self.program.shows("answer")
        self.lets_go()
        answer = self.in_mailbox(self.bob, "INBOX", "SUBJECT", '"Re: Do you come?"')
        self.assertEqual(answer["In-Reply-To"], sent["Message-ID"])
        self.assertIn("> On Friday at seven.", answer.get_body(("plain",)).get_content())
        pod.wait_for(self.far, "INBOX", ("SUBJECT", '"Do you come?"', "ANSWERED"))

    def test_stars_archives_and_deletes(self):
        for subject, command in (("To be starred", "cmd_markAsFlagged"), ("To be archived", "cmd_archive"),
                                 ("To be deleted", "cmd_delete")):
            self.sends(subject, "And so it is.")
            self.finds(subject, "And so it is.")
            self.program.runs("goDoCommand(args[0])", command)
        pod.wait_for(self.far, "INBOX", ("SUBJECT", '"To be starred"', "FLAGGED"))
        pod.wait_for(self.far, "Trash", ("SUBJECT", '"To be deleted"'))
        self.in_mailbox(self.far, f"Archive/{time.gmtime().tm_year}", "SUBJECT", '"To be archived"')
        self.program.until(PANE + "return row_of('To be archived') < 0 && row_of('To be deleted') < 0")
        self.program.shows("filed")

    def test_what_another_client_does_shows(self):
        self.sends("Looked at by two", "The other one stars it.")
        self.finds("Looked at by two", "The other one stars it.")
        self.program.idles()
        number = pod.wait_for(self.far, "INBOX", ("SUBJECT", '"Looked at by two"'))[0]
        self.far.store(number, "+FLAGS", r"(\Flagged $Label1)")
        self.program.until(PANE + "const header = header_of('Looked at by two'); return header.isFlagged && "
                                  "header.getStringProperty('keywords').includes('$label1')")
        self.program.shows("starred elsewhere")
        self.far.store(number, "+FLAGS", r"(\Deleted)")
        self.far.expunge()
        self.program.until(PANE + "return row_of('Looked at by two') < 0")

    def test_makes_mailboxes_renames_them_and_moves_mail_there(self):
        self.sends("To be moved", "Into a mailbox with a name of other letters.")
        self.finds("To be moved", "Into a mailbox")
        self.program.runs(ROOT_FOLDER + "root.createSubfolder('Pläne', msgWindow)")
        self.program.until(ROOT_FOLDER + "return root.containsChildNamed('Pläne')")
        self.program.runs(ROOT_FOLDER + "root.getChildNamed('Pläne').rename('Grüße & Küsse', msgWindow)")
        self.program.until(ROOT_FOLDER + "return root.containsChildNamed('Grüße & Küsse')")
        self.program.runs(ROOT_FOLDER + PANE + """
          MailServices.copy.copyMessages(pane.gFolder, [header_of("To be moved")], root.getChildNamed("Grüße & Küsse"), true,
                                         null, msgWindow, true)""")
        # In modified UTF-7, as IMAP4rev1 writes it (RFC 3501 §5.1.3).
        self.in_mailbox(self.far, '"Gr&APwA3w-e &- K&APw-sse"', "SUBJECT", '"To be moved"')
        self.program.until(PANE + "return row_of('To be moved') < 0")
        self.program.shows("mailboxes")

    def test_an_attachment_arrives_whole(self):
        octets = bytes(range(256)) * 4000
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "Bündel.bin"
            path.write_bytes(octets)
            self.new_letter("bob@pod.lab", "With a bundle", "See there.\n")
            self.program.runs("""
              const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
              file.initWithPath(args[0]);
              const bundle = Cc["@mozilla.org/messengercompose/attachment;1"].createInstance(Ci.nsIMsgAttachment);
              bundle.url = Services.io.newFileURI(file).spec;
              bundle.size = file.fileSize;
              await AddAttachments([bundle])""", str(path))
            self.program.shows("attached")
            self.lets_go()
            received = self.in_mailbox(self.bob, "INBOX", "SUBJECT", '"With a bundle"')
        bundle = next(received.iter_attachments())
        self.assertEqual(bundle.get_filename(), "Bündel.bin")
        self.assertEqual(bundle.get_content(), octets)

    def test_a_draft_is_kept_and_goes_out_later(self):
        self.new_letter("bob@pod.lab", "Not ready yet", "It wants a night's sleep.\n")
        self.program.runs("goDoCommand('cmd_saveAsDraft')")
        pod.wait_for(self.far, "Drafts", ("SUBJECT", '"Not ready yet"', "DRAFT"))
        self.program.until("return !window.gSaveOperationInProgress && !window.gWindowLocked")
        self.program.remote.goes_to(self.program.main)
        self.program.runs("for (const open of Services.wm.getEnumerator('msgcompose')) open.close()")
        self.opens("Drafts")
        self.sees("Not ready yet", "It wants a night's sleep.")
        self.program.shows("draft")
        self.program.runs("goDoCommand('cmd_editDraftMsg')")
        self.writes(None, "Now it is.\n")
        self.lets_go()
        self.in_mailbox(self.bob, "INBOX", "SUBJECT", '"Not ready yet"')
        self.program.until(PANE + "return row_of('Not ready yet') < 0")

    def test_the_server_searches(self):
        self.sends("A needle's case", "Somewhere in here is a Stecknadelköpfchen.")
        self.finds("A needle's case", "Somewhere in here")
        self.assertEqual(self.program.runs(PANE + """
          const session = Cc["@mozilla.org/messenger/searchSession;1"].createInstance(Ci.nsIMsgSearchSession);
          session.addScopeTerm(Ci.nsMsgSearchScope.onlineMail, pane.gFolder);
          const term = session.createTerm(), value = term.value;
          term.attrib = value.attrib = Ci.nsMsgSearchAttrib.Body;
          term.op = Ci.nsMsgSearchOp.Contains;
          value.str = args[0];
          term.value = value;
          session.appendTerm(term);
          const found = [];
          return new Promise(resolve => {
            session.registerListener({
              onSearchHit: header => found.push(header.mime2DecodedSubject),
              onSearchDone: () => resolve(found),
              onNewSearch() {},
            });
            session.search(msgWindow);
          })""", "stecknadelKÖPF"), ["A needle's case"])


if __name__ == "__main__":
    unittest.main()
