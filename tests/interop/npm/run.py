"""Starts a pod and runs the tests in build/npm against it. See tests/npm.sh."""

import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import pod  # noqa: E402

one = pod.Pod()
try:
    told = {"POD_CERTIFICATE": one.path / "tls/certificate.pem",
            **{f"POD_{name}": one.port(name) for name in ("SMTP", "SUBMISSION", "SUBMISSIONS", "IMAP", "IMAPS")},
            **{f"POD_{name.upper()}": one.password(name) for name in ("alice", "bob")}}
    done = subprocess.run(["node", "--test", *sys.argv[1:]], cwd=pod.ROOT / "build/npm", check=False,
                          env={**os.environ, **{name: str(value) for name, value in told.items()}})
finally:
    one.remove()
sys.exit(done.returncode)
