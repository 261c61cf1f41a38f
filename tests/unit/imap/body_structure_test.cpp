#include "body_structure.hpp"

#include <gtest/gtest.h>

#include <mailpod/message/scanner.hpp>

#include "envelope.hpp"
#include "grammar.hpp"

namespace mailpod::imap {
namespace {

std::string body(const message::Structure& structure, const BodyForm& form) {
  std::string out;
  write_body(out, structure.root, form);
  return out;
}

/// Reads parentheses, strings, literals, numbers and NIL; nothing else is ever written.
bool is_balanced(std::string_view octets) {
  text::Cursor in(octets);
  int depth = 0;
  while (!in.at_end()) {
    if (in.take('(')) {
      ++depth;
    } else if (in.take(')')) {
      if (--depth < 0) return false;
    } else if (in.next_is('"') || in.next_is('{')) {
      if (parse_string(in).has_error()) return false;
    } else if (!in.take_word("NIL") && in.take_while(text::octets::digit).empty() && !in.take(' ')) {
      return false;
    }
  }
  return depth == 0;
}

TEST(BodyStructure, OfAnEmptyMessageIsPlainText) {
  EXPECT_EQ(body(message::scan(""), {Extensions::left_out}), R"(("text" "plain" NIL NIL NIL "7bit" 0 0))");
}

TEST(BodyStructure, ShowsMessageGlobalAsClientsOfRfc3501Expect) {
  const auto structure = message::scan("Content-Type: message/global\r\n\r\nSubject: x\r\n\r\nbody\r\n");
  EXPECT_EQ(body(structure, {Extensions::left_out}), R"(("message" "global" NIL NIL NIL "7bit" 20))");
  EXPECT_EQ(body(structure, {Extensions::left_out, GlobalMessages::as_messages}),
            R"(("message" "global" NIL NIL NIL "7bit" 20 (NIL "x" NIL NIL NIL NIL NIL NIL NIL NIL) )"
            R"(("text" "plain" NIL NIL NIL "7bit" 6 1) 3))");
}

TEST(BodyStructure, StaysGrammarWhateverTheParameters) {
  const auto structure = message::scan(
      "Content-Type: text/plain; name=\"a\\\"b\\\\c\"; x=\xc3\xbc\r\nContent-Disposition: attachment; "
      "filename*=utf-8''%C3%BC\r\nContent-Language: de, en\r\nContent-Description: a\xff\r\n\r\n");
  const auto out = body(structure, {Extensions::shown});
  EXPECT_TRUE(is_balanced(out)) << out;
  EXPECT_NE(out.find(R"(("de" "en"))"), std::string::npos) << out;
}

TEST(BodyStructure, OfNestedMultipartsIsAsDeepAsTheyAre) {
  std::string octets;
  for (int i = 0; i < 50; ++i) {
    octets +=
        "Content-Type: multipart/mixed; boundary=b" + std::to_string(i) + "\r\n\r\n--b" + std::to_string(i) + "\r\n";
  }
  const auto structure = message::scan(octets);
  for (const auto extensions : {Extensions::left_out, Extensions::shown}) {
    EXPECT_TRUE(is_balanced(body(structure, {extensions})));
  }
}

TEST(Envelope, OfNothingIsAllNil) {
  std::string out;
  write_envelope(out, {});
  EXPECT_EQ(out, "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)");
}

TEST(Envelope, TakesSenderAndReplyToFromFrom) {
  const auto structure = message::scan("From: a@b\r\nReply-To: c@d\r\n\r\n");
  std::string out;
  write_envelope(out, structure.envelope);
  EXPECT_EQ(out, R"((NIL NIL ((NIL NIL "a" "b")) ((NIL NIL "a" "b")) ((NIL NIL "c" "d")) NIL NIL NIL NIL NIL))");
}

}  // namespace
}  // namespace mailpod::imap
