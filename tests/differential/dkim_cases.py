"""Messages signed by python3-dkim, and changed on the way; and what python3-dkim and libopendkim say of them."""

import base64
import ctypes
import os
import subprocess
import tempfile
import time

NOW = int(time.time())  # python3-dkim signs as of now


class Keys:
    """Made once: an RSA key of 2048 bits, one of 1024, one of 512, and an Ed25519 key."""

    def __init__(self):
        import nacl.signing
        self.private = {}
        self.records = {}
        for name, bits in (("rsa", 2048), ("short", 1024), ("tiny", 512)):
            pem = subprocess.run(["openssl", "genrsa", "-traditional", str(bits)], capture_output=True, check=True).stdout
            der = subprocess.run(["openssl", "rsa", "-pubout", "-outform", "DER"], input=pem, capture_output=True,
                                 check=True).stdout
            self.private[name] = pem
            self.records[name] = "v=DKIM1; k=rsa; p=" + base64.b64encode(der).decode()
        seed = bytes(range(32))
        self.private["ed"] = base64.b64encode(seed)
        public = nacl.signing.SigningKey(seed).verify_key.encode()
        self.records["ed"] = "v=DKIM1; k=ed25519; p=" + base64.b64encode(public).decode()


HEADERS = [b"From: Alice <alice@a.example>", b"To: bob@b.example, \r\n\tcarol@c.test", b"Subject:  a   folded\r\n subject ",
           b"Date: Thu, 1 Jan 2026 00:00:00 +0000", b"MIME-Version: 1.0", b"X-Empty:", b"Message-ID: <1@a.example>",
           b"received: from x\r\n by y", b"Content-Type: text/plain; charset=utf-8"]
BODIES = [b"hello\r\n", b"", b"\r\n", b"\r\n\r\n", b"a  b\t c \r\n\r\n\r\n", b"no end", b" \r\n", b"\ttab\r\n.dot\r\n",
          "grüße\r\n".encode(), b"x" * 3000 + b"\r\n", b"line \r\n" * 200]


def record_of(random, keys, name):
    """What DNS has for the signer, mostly the key as it is."""
    record = keys.records[name]
    value = record.split("p=")[1]
    odd = random.choice(["as it is"] * 50 + ["revoked", "other key", "no v", "h=sha1", "h=sha256", "t=y", "t=s", "s=other", "s=email",
                                            "k=dsa", "garbage", "none", "notes", "v last", "no p", "two", "v=DKIM2", "spaces"])
    kind = "ed25519" if name == "ed" else "rsa"
    texts = {"as it is": [record], "revoked": [f"v=DKIM1; k={kind}; p="], "no v": [f"k={kind}; p={value}"],
             "h=sha1": [record + "; h=sha1"], "h=sha256": [record + "; h=sha1:sha256"], "t=y": [record + "; t=y"],
             "t=s": [record + "; t=s"], "s=other": [record + "; s=tlsrpt"], "s=email": [record + "; s=email"],
             "k=dsa": [f"v=DKIM1; k=dsa; p={value}"], "garbage": ["nonsense"], "none": [], "notes": [record + "; n=any words"],
             "v last": [f"k={kind}; p={value}; v=DKIM1"], "no p": [f"v=DKIM1; k={kind}"], "two": [record, record],
             "v=DKIM2": [record.replace("DKIM1", "DKIM2")], "spaces": [f"v=DKIM1;k={kind} ;  p = {value} ;"]}
    other = keys.records["short" if name == "rsa" else "rsa"]
    return odd, texts.get(odd, [other])


def change(random, message):
    """What happens to a message on its way, and how it is called."""
    head, _, body = message.partition(b"\r\n\r\n")
    what = random.choice(["nothing"] * 16 + ["body end", "header case", "header fold", "field above", "tag unknown"] + ["body word", "body end", "body spaces", "header case", "header fold", "header word",
                                           "second from", "field above", "signature above", "b broken", "bh broken",
                                           "no b", "l added", "blank before", "tag twice", "tag unknown", "v=2", "a unknown",
                                           "c unknown", "q unknown", "i of another"])
    if what == "body word":
        body = body + b"more\r\n"
    elif what == "body end":
        body = body.rstrip(b"\r\n") + b"\r\n" * random.choice([1, 2, 3])
    elif what == "body spaces":
        body = body.replace(b" ", b"  ", 1)
    elif what == "header case":
        head = head.replace(b"Subject:", b"SUBJECT:")
    elif what == "header fold":
        head = head.replace(b"folded\r\n subject", b"folded subject")
    elif what == "header word":
        head = head.replace(b"folded", b"changed")
    elif what == "second from":
        head = head + b"\r\nFrom: mallory@c.test" if random.random() < 0.5 else b"From: mallory@c.test\r\n" + head
    elif what == "field above":
        head = b"X-Above: yes\r\n" + head
    elif what == "signature above":
        head = b"DKIM-Signature: v=1; a=rsa-sha256; d=a.example\r\n" + head
    elif what == "b broken":
        at = head.rfind(b" b=") + 8
        head = head[:at] + (b"A" if head[at:at + 1] != b"A" else b"B") + head[at + 1:]
    elif what == "bh broken":
        at = head.find(b"bh=") + 4
        head = head[:at] + (b"A" if head[at:at + 1] != b"A" else b"B") + head[at + 1:]
    elif what == "no b":
        head = head.replace(b" b=", b" z=", 1)
    elif what == "blank before":
        body = b"\r\n" + body
    elif what == "tag twice":
        head = head.replace(b"v=1;", b"v=1; v=1;", 1)
    elif what == "tag unknown":
        head = head.replace(b"v=1;", b"v=1; zz=1;", 1)
    elif what == "v=2":
        head = head.replace(b"v=1;", b"v=2;", 1)
    elif what == "a unknown":
        head = head.replace(b"-sha256;", b"-sha512;", 1)
    elif what == "c unknown":
        head = head.replace(b"c=", b"c=nowsp/", 1)
    elif what == "q unknown":
        head = head.replace(b"v=1;", b"v=1; q=dns/other;", 1)
    elif what == "i of another":
        head = head.replace(b"v=1;", b"v=1; i=@other.test;", 1)
    return what, head + b"\r\n\r\n" + body


def case(random, dkim, keys):
    """The message, DNS, and in words how it was made."""
    fields = [random.choice([HEADERS[0], b"from:alice@a.example"])] + random.sample(HEADERS[1:], random.randint(1, 7))
    random.shuffle(fields)
    message = b"\r\n".join(fields) + b"\r\n\r\n" + random.choice(BODIES)
    name = random.choice(["rsa", "rsa", "short", "ed", "ed", "tiny"])
    canonicalize = random.choice([(b"relaxed", b"relaxed"), (b"relaxed", b"simple"), (b"simple", b"relaxed"), (b"simple", b"simple")])
    present = {field.partition(b":")[0].strip().lower() for field in fields}
    include = [b"from"] + [field for field in sorted(present - {b"from", b"received"}) if random.random() < 0.7]
    if random.random() < 0.3:
        include.append(random.choice([b"from", b"subject", b"x-absent"]))
    length = random.random() < 0.05
    algorithm = b"ed25519-sha256" if name == "ed" else b"rsa-sha256"
    signature = dkim.sign(message, b"s", b"a.example", keys.private[name], canonicalize=canonicalize, include_headers=include,
                          length=length, signature_algorithm=algorithm)
    record, texts = record_of(random, keys, name)
    what, changed = change(random, signature + message)
    made = {"key": name, "record": record, "changed": what, "length": length, "canonical": b"/".join(canonicalize).decode(),
            "signed_twice": include.count(b"from") > 1, "absent": b"x-absent" in include}
    return changed, texts, made


def ask_dkimpy(dkim, message, texts):
    """`pass`, or not."""
    def look_up(name, timeout=5):
        return texts[0].encode() if texts and name.rstrip(b".") == b"s._domainkey.a.example" else None
    try:
        return "pass" if dkim.DKIM(message).verify(dnsfunc=look_up) else "fail"
    except Exception:  # what it cannot read, it says in many ways
        return "fail"


class OpenDkim:
    """libopendkim, which reads keys from a file."""

    def __init__(self):
        self.lib = ctypes.CDLL("libopendkim.so.11")
        for name, result, arguments in (
                ("dkim_init", ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_void_p]),
                ("dkim_options", ctypes.c_int, [ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t]),
                ("dkim_verify", ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p]),
                ("dkim_header", ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]),
                ("dkim_eoh", ctypes.c_int, [ctypes.c_void_p]),
                ("dkim_body", ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]),
                ("dkim_eom", ctypes.c_int, [ctypes.c_void_p, ctypes.c_void_p]),
                ("dkim_free", ctypes.c_int, [ctypes.c_void_p])):
            function = getattr(self.lib, name)
            function.restype, function.argtypes = result, arguments
        self.library = self.lib.dkim_init(None, None)
        self.file = tempfile.NamedTemporaryFile("w", suffix=".keys")
        method = ctypes.c_int(1)
        assert self.lib.dkim_options(self.library, 1, 6, ctypes.byref(method), ctypes.sizeof(method)) == 0
        path = ctypes.create_string_buffer(self.file.name.encode())
        assert self.lib.dkim_options(self.library, 1, 7, path, len(self.file.name) + 1) == 0

    def ask(self, message, texts):
        self.file.seek(0)
        self.file.truncate()
        if texts:
            self.file.write("s._domainkey.a.example " + texts[0] + "\n")
        self.file.flush()
        status = ctypes.c_int()
        one = self.lib.dkim_verify(self.library, b"case", None, ctypes.byref(status))
        head, _, body = message.partition(b"\r\n\r\n")
        try:
            for field in fields_of(head):
                if self.lib.dkim_header(one, field, len(field)) != 0:
                    return "fail"
            if self.lib.dkim_eoh(one) != 0:
                return "fail"
            if body and self.lib.dkim_body(one, body, len(body)) != 0:
                return "fail"
            return "pass" if self.lib.dkim_eom(one, None) == 0 else "fail"
        finally:
            self.lib.dkim_free(one)


def fields_of(head):
    """The fields, folds within."""
    fields = []
    for line in head.split(b"\r\n"):
        if line[:1] in b" \t" and fields and line:
            fields[-1] += b"\r\n" + line
        else:
            fields.append(line)
    return fields
