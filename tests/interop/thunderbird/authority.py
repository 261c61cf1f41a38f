"""A certificate authority of a test's own, and a certificate of its for a pod: as a public authority would give one."""

import ssl
import subprocess


def openssl(*arguments, cwd):
    done = subprocess.run(["openssl", *arguments], cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr)


def certifies(of):
    """Gives the pod `of` a certificate for localhost and makes it read it; the authority's own certificate, a PEM file."""
    folder = of.folder / "authority"
    folder.mkdir(mode=0o700)
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", "-x509", *key, "-keyout", "authority.key", "-out", "authority.pem", "-days", "30", "-subj",
            "/CN=An authority", "-addext", "keyUsage=critical,keyCertSign", cwd=folder)
    (folder / "extensions").write_text("subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n")
    openssl("req", *key, "-keyout", "key.pem", "-out", "request.pem", "-subj", "/CN=localhost", cwd=folder)
    openssl("x509", "-req", "-in", "request.pem", "-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial",
            "-days", "20", "-extfile", "extensions", "-out", "certificate.pem", cwd=folder)
    for name in ("key.pem", "certificate.pem"):
        place = of.path / "tls" / name
        place.write_bytes((folder / name).read_bytes())
        place.chmod(0o600)
    of.run("reload")
    of.tls = ssl.create_default_context(cafile=str(folder / "authority.pem"))
    of.tls.check_hostname = False  # tests say 127.0.0.1
    return folder / "authority.pem"
