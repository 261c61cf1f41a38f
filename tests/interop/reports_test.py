#!/usr/bin/env python3
"""`mailpod reports`: other servers' reports in files, as programs of the world pack them. No pod is needed."""

import email.message
import gzip
import io
import json
import pathlib
import subprocess
import tempfile
import unittest
import zipfile

import pod

CORPUS = pod.ROOT / "tests/fuzz/corpus/reports"
DMARC, TLS = (CORPUS / "dmarc").read_bytes(), (CORPUS / "tls").read_bytes()


def zipped(octets):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("big.example!coop.example.xml", octets)
    return out.getvalue()


def mail(kind, octets):
    message = email.message.EmailMessage()
    message["Subject"] = "Report Domain: coop.example"
    message.set_content("A report.\n")
    message.add_attachment(octets, maintype="application", subtype=kind, filename="report")
    return message.as_bytes()


class Reports(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def reports(self, files, *options, status=0):
        for name, octets in files.items():
            (self.folder / name).write_bytes(octets)
        done = subprocess.run([pod.MAILPOD, *options, "reports", *(self.folder / name for name in files)],
                              text=True, capture_output=True, timeout=pod.PATIENCE)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def test_they_add_up_however_they_are_packed(self):
        other = DMARC.replace(b"<report_id>17", b"<report_id>18")
        third = DMARC.replace(b"<report_id>17", b"<report_id>19")
        done = self.reports({"plain.xml": DMARC, "zip": zipped(other), "mail": mail("gzip", gzip.compress(third)),
                             "again": mail("zip", zipped(DMARC)), "tls": mail("tlsrpt+gzip", gzip.compress(TLS)),
                             "abuse": (CORPUS / "feedback").read_bytes()}, status=1)
        self.assertIn("DMARC  coop.example (p=quarantine), 2026-01-01 to 2026-01-01: 354 messages pass, 6 do not; "
                      "1 organizations\n", done.stdout)
        self.assertIn("           6  from 203.0.113.5: quarantine 6\n", done.stdout)
        self.assertIn("TLS    company-y.example (sts): 5326 sessions went well, 303 failed; 1 organizations\n", done.stdout)
        self.assertIn("         100  certificate-expired mx1.mail.company-y.example\n", done.stdout)
        self.assertIn("1 came twice, and count once", done.stderr)
        self.assertIn("abuse: there is no report in it", done.stderr, "fields by themselves are no message")

    def test_json_says_the_same(self):
        said = json.loads(self.reports({"xml": DMARC}, "--json").stdout)
        self.assertEqual(said["reports"], 1)
        (dmarc,) = said["dmarc"]
        self.assertEqual((dmarc["domain"], dmarc["passed"], dmarc["failed"]), ("coop.example", 118, 2))
        self.assertEqual(dmarc["sources"], [{"address": "203.0.113.5", "messages": 2, "dispositions": {"quarantine": 2}}])

    def test_a_bomb_is_named_and_not_unpacked(self):
        bomb = gzip.compress(bytes(200 << 20))
        done = self.reports({"bomb": mail("gzip", bomb), "xml": DMARC}, status=1)
        self.assertIn("bomb: the report in it is larger than reports are", done.stderr)
        self.assertIn("118 messages pass", done.stdout)

    def test_what_a_stranger_wrote_does_not_reach_the_terminal_as_it_is(self):
        done = self.reports({"xml": DMARC.replace(b"203.0.113.5", "\u009b2J\u202e".encode())})
        self.assertNotIn("\u009b", done.stdout)
        self.assertNotIn("\x1b", done.stdout)


if __name__ == "__main__":
    unittest.main()
