#!/usr/bin/env python3
"""The rules of the source tree that a machine can hold: floors, sizes, names, RFC citations."""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LONGEST_FILE = 500  # lines

# Longer on purpose: `path: reason`.
LONGER = {}

# Words that say nothing of what a thing is.
DRAWERS = {"util", "utils", "helper", "helpers", "manager", "handler", "context", "impl", "common", "misc"}


def sources(*folders):
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in (".cpp", ".hpp"))


def floors():
    floor_of = {}
    for line in (ROOT / "docs/layers.txt").read_text().splitlines():
        if re.match(r"\d+:", line):
            floor, libraries = line.split(":")
            for library in libraries.split():
                assert library not in floor_of, f"{library} stands on two floors"
                floor_of[library] = int(floor)
    return floor_of


def library_of(path):
    parts = path.relative_to(ROOT).parts
    return parts[2] if parts[0] == "include" else parts[1]


def includes(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if found:
            yield number, found.group(1), found.group(2)


def forbidden_include(library, floor_of, quote, included):
    """Why a file of `library` may not include this, or nothing."""
    if quote == "<" and included.startswith("mailpod/"):
        other = included.split("/")[1]
        if other not in floor_of:
            return f"{other} stands on no floor"
        if other != library and floor_of[other] >= floor_of[library]:
            return f"{library} (floor {floor_of[library]}) may not know {other} (floor {floor_of[other]})"
    if quote == '"' and included.startswith("mailpod/"):
        return "a public header is included with <>"
    if quote == '"' and any(part in floor_of for part in included.split("/")[:-1]):
        return "a private header of another library"
    return None


class Floors(unittest.TestCase):
    def test_every_library_has_one_floor(self):
        built = set(re.findall(r"^mailpod_library\((\w+)", (ROOT / "src/CMakeLists.txt").read_text(), re.M))
        self.assertEqual(set(floors()), built)

    def test_a_library_includes_only_lower_floors(self):
        floor_of = floors()
        wrong = []
        for path in sources("src", "include"):
            library = library_of(path)
            for number, quote, included in includes(path):
                reason = forbidden_include(library, floor_of, quote, included)
                if reason:
                    wrong.append(f"{path.relative_to(ROOT)}:{number}: {reason}")
        self.assertEqual(wrong, [])

    def test_the_rule_notices_each_kind_of_breach(self):
        floor_of = {"base": 0, "net": 1, "text": 1, "smtp": 3}
        self.assertIsNone(forbidden_include("smtp", floor_of, "<", "mailpod/net/stream.hpp"))
        self.assertIsNone(forbidden_include("smtp", floor_of, "<", "mailpod/smtp/server.hpp"))
        self.assertIsNone(forbidden_include("smtp", floor_of, '"', "../reply.hpp"))
        self.assertIsNotNone(forbidden_include("net", floor_of, "<", "mailpod/smtp/server.hpp"))
        self.assertIsNotNone(forbidden_include("net", floor_of, "<", "mailpod/text/cursor.hpp"))
        self.assertIsNotNone(forbidden_include("net", floor_of, "<", "mailpod/util/x.hpp"))
        self.assertIsNotNone(forbidden_include("smtp", floor_of, '"', "../net/attempt.hpp"))
        self.assertIsNotNone(forbidden_include("smtp", floor_of, '"', "mailpod/net/stream.hpp"))

    def test_the_command_line_s_parser_stays_in_its_folder(self):
        users = {str(path.relative_to(ROOT)) for path in sources("src", "include")
                 for _, _, included in includes(path) if included == "CLI/CLI.hpp"}
        self.assertEqual(users, {"src/daemon/command_line/subcommands.hpp"})
        users = {path.relative_to(ROOT).parts[:3] for path in sources("src", "include")
                 for _, _, included in includes(path) if included.endswith("subcommands.hpp")}
        self.assertEqual(users, {("src", "daemon", "command_line"), ("src", "daemon", "command_line.cpp")})


class Sizes(unittest.TestCase):
    def test_no_file_is_longer_than_it_may_be(self):
        lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines())
                   for path in sources("src", "include", "tests")}
        self.assertGreater(len(lengths), 100)
        self.assertEqual({path: n for path, n in lengths.items() if n > LONGEST_FILE and path not in LONGER}, {})

    def test_every_exception_is_still_needed(self):
        for path in LONGER:
            self.assertGreater(len((ROOT / path).read_text().splitlines()), LONGEST_FILE, path)

    def test_main_is_small(self):
        self.assertLessEqual(len((ROOT / "src/daemon/main.cpp").read_text().splitlines()), 60)


class Names(unittest.TestCase):
    def test_no_file_is_a_drawer(self):
        drawers = [str(path.relative_to(ROOT)) for path in sources("src", "include", "tests")
                   if set(re.split(r"[_/]", str(path.relative_to(ROOT).with_suffix("")))) & DRAWERS]
        self.assertEqual(drawers, [])

    def test_every_header_is_guarded_by_pragma_once(self):
        bare = [str(path.relative_to(ROOT)) for path in sources("src", "include", "tests")
                if path.suffix == ".hpp" and "#pragma once" not in path.read_text()]
        self.assertEqual(bare, [])


class Settings(unittest.TestCase):
    def test_every_setting_of_a_library_can_be_configured_or_is_wired(self):
        """What a Settings struct offers is named in the table of mailpod.toml, or filled in where all is wired."""
        named = "".join((ROOT / "src/daemon" / name).read_text()
                        for name in ("settings_table.cpp", "conversation_settings.cpp", "sending_settings.cpp",
                                     "server.cpp", "terms.cpp", "sending.cpp"))
        missing, fields = [], 0
        for header in ("smtp/server", "imap/server", "pop3/server", "store/vault", "net/listener", "delivery/post_office",
                       "queue/sender"):
            text = (ROOT / f"include/mailpod/{header}.hpp").read_text()
            body = re.search(r"struct Settings \{\n(.*?)\n *\};", text, re.S).group(1)
            for field in re.findall(r"^ +[\w:<>]+ (\w+)(?:\{.*?\}| =\n? *[^;]*)?;", body, re.M):
                fields += 1
                if not re.search(rf"\.{field}\b", named) and (header, field) not in FILLED_IN_ORDER:
                    missing.append(f"{header}: {field}")
        self.assertGreater(fields, 40)
        self.assertEqual(missing, [])


# server.cpp fills the post office's struct as a whole; whether TLS comes first is what a port is, not a setting.
FILLED_IN_ORDER = {("net/listener", "tls"), *(("delivery/post_office", field) for field in (
    "host_name", "members", "message_size", "memory", "hops", "header"))}

CITATION = re.compile(r"RFC (\d{3,5})(?: (?:§|Appendix ))?")


class Citations(unittest.TestCase):
    def cited(self):
        where = {}
        for path in sources("src", "include", "tests"):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                for found in CITATION.finditer(line):
                    where.setdefault(found.group(1), f"{path.relative_to(ROOT)}:{number}")
        return where

    def listed(self):
        return set(re.findall(r"^\| (\d{3,5}) \|", (ROOT / "docs/rfcs.md").read_text(), re.M))

    def test_every_rfc_cited_is_listed(self):
        self.assertEqual({rfc: place for rfc, place in self.cited().items() if rfc not in self.listed()}, {})

    def test_every_rfc_listed_is_cited(self):
        self.assertEqual(self.listed() - set(self.cited()), set())

    def test_every_dialogue_of_the_smtp_client_is_listed_and_is_there(self):
        rules = (ROOT / "docs/rfcs.md").read_text().partition("## What holds the SMTP client")[2]
        named = [name for row in re.findall(r"^\| RFC .*", rules, re.M) for name in re.findall(r"`([^`]+)`", row)]
        played = [path.stem for path in (ROOT / "tests/conversations/smtp_client").glob("*.txt")]
        self.assertEqual(sorted(named), sorted(played))

    def test_every_dialogue_named_for_the_smtp_server_is_there(self):
        offers = (ROOT / "docs/rfcs.md").read_text().partition("## What the SMTP server offers")[2].partition("\n## ")[0]
        named = {name for row in re.findall(r"^\| .*", offers, re.M) for name in re.findall(r"`([^`]+)`", row)}
        played = {path.stem for path in (ROOT / "tests/conversations").glob("smtp*/*.txt")}
        self.assertGreater(len(named), 40)
        self.assertEqual(named - played, set())

    def test_every_dialogue_of_the_imap_server_is_listed_and_is_there(self):
        text = (ROOT / "docs/rfcs.md").read_text()
        sections = [text.partition(f"## What {title}")[2].partition("\n## ")[0]
                    for title in ("the IMAP server offers", "holds the IMAP server to them")]
        rows = re.findall(r"^\| .*", "\n".join(sections), re.M)
        named = {name for row in rows for name in re.findall(r"`([a-z0-9-]+)`", row)}
        played = {path.stem for path in (ROOT / "tests/conversations/imap").glob("*.txt")}
        self.assertEqual(sorted(named), sorted(played))

    def test_every_dialogue_of_the_pop3_server_is_listed_and_is_there(self):
        offers = (ROOT / "docs/rfcs.md").read_text().partition("## What the POP3 server offers")[2].partition("\n## ")[0]
        named = [name for row in re.findall(r"^\| .*", offers, re.M) for name in re.findall(r"`([a-z0-9-]+)`", row)]
        played = [path.stem for path in (ROOT / "tests/conversations/pop3").glob("*.txt")]
        self.assertEqual(sorted(named), sorted(played))

    def test_every_dialogue_of_the_http_server_is_listed_and_is_there(self):
        offers = (ROOT / "docs/rfcs.md").read_text().partition("## What the HTTP server offers")[2].partition("\n## ")[0]
        named = [name for row in re.findall(r"^\| .*", offers, re.M) for name in re.findall(r"`([a-z0-9-]+)`", row)]
        played = [path.stem for path in (ROOT / "tests/conversations/http").glob("*.txt")]
        self.assertEqual(sorted(named), sorted(played))

    def test_citations_have_one_form(self):
        wrong = []
        for path in sources("src", "include", "tests"):
            if path.name == "check.py":
                continue
            for number, line in enumerate(path.read_text().splitlines(), 1):
                if re.search(r"\bRFC-?\d{4}|\brfc ?[1-9]\d{3}\b|RFC \d+,? (?:[Ss]ection|[Ss]ec\.)", line):
                    wrong.append(f"{path.relative_to(ROOT)}:{number}")
        self.assertEqual(wrong, [])


class Promises(unittest.TestCase):
    """Tests that a document names are there."""

    def all_tests(self):
        names = {path.name for path in (ROOT / "tests/conversations").rglob("*.txt")}
        names |= {"fuzz_" + path.name.removesuffix("_fuzz.cpp") for path in (ROOT / "tests/fuzz").glob("*_fuzz.cpp")}
        for path in sources("tests"):
            names |= {".".join(found) for found in re.findall(r"^ *TEST(?:_[FP])?\((\w+),\s*(\w+)\)", path.read_text(), re.M)}
        for path in (ROOT / "tests").rglob("*.py"):
            names |= set(re.findall(r"^ +def (test_\w+)", path.read_text(), re.M))
        return names

    def named(self, text):
        return set(re.findall(r"`((?:[A-Z]\w+\.[A-Z]\w+)|(?:test_\w+)|(?:fuzz_\w+)|(?:[a-z0-9-]+\.txt))`", text))

    def test_every_test_that_proves_a_promise_is_there(self):
        rows = re.findall(r"^\| [*…].*", (ROOT / "docs/promises.md").read_text(), re.M)
        self.assertGreater(len(rows), 10)
        for row in rows:
            named = self.named(row)
            self.assertNotEqual(named, set(), row)
            self.assertEqual(named - self.all_tests(), set(), row)

    def test_every_large_proof_is_one_command(self):
        asked = set(re.findall(r"`tests/proofs\.sh (\w+)`", (ROOT / "docs/promises.md").read_text()))
        given = set(re.findall(r"^prove_(\w+)\(\)", (ROOT / "tests/proofs.sh").read_text(), re.M))
        self.assertEqual(asked, given)

    def test_every_test_of_the_threat_model_is_there(self):
        named = self.named((ROOT / "docs/threat-model.md").read_text()) - {"Suite.Name", "a-name.txt", "test_name", "fuzz_name"}
        self.assertGreater(len(named), 80)
        self.assertEqual(named - self.all_tests(), set())

    def test_every_stored_format_is_opened_by_a_test(self):
        tests = "".join(path.read_text() for path in sources("tests")) + "".join(
            path.read_text() for path in (ROOT / "tests").rglob("*.py"))
        unread = [path.name for path in (ROOT / "tests/formats").iterdir()
                  if path.name not in tests and path.stem not in tests]
        self.assertEqual(unread, [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
