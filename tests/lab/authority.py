"""A certificate authority of the lab's own, and what it signs."""

import hashlib
import subprocess


def openssl(*arguments, stdin=None):
    return subprocess.run(["openssl", *map(str, arguments)], check=True, input=stdin, capture_output=True).stdout


class Authority:
    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.certificate, self.key = folder / "authority.pem", folder / "authority.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
                "/CN=The lab", "-addext", "keyUsage=keyCertSign", "-keyout", self.key, "-out", self.certificate)

    def sign(self, *names, days=30):
        """A file of PEM: a certificate for these names, and its key."""
        stem = self.folder / names[0]
        key, request, extensions = (stem.with_name(names[0] + end) for end in (".key", ".csr", ".ext"))
        made = stem.with_name(names[0] + ".pem")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" + names[0],
                "-keyout", key, "-out", request)
        extensions.write_text("subjectAltName=" + ",".join("DNS:" + name for name in names) + "\n")
        certificate = openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key,
                              "-CAcreateserial", "-days", days, "-extfile", extensions)
        made.write_bytes(certificate + key.read_bytes())
        return made


def tlsa(certificate):
    """The data of a TLSA record, DANE-EE and SHA-256 of the key, for a file of PEM."""
    key = openssl("x509", "-in", certificate, "-noout", "-pubkey")
    return "3 1 1 " + hashlib.sha256(openssl("pkey", "-pubin", "-outform", "DER", stdin=key)).hexdigest()
