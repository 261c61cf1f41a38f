#include <gtest/gtest.h>

#include <mailpod/message/scanner.hpp>

#include "tree_text.hpp"

namespace mailpod::message {
namespace {

using Section = std::vector<std::uint32_t>;

/// The tree of RFC 9051 §6.4.5.1's example, each body saying its number.
const std::string message =
    "Subject: outer\r\nContent-Type: multipart/mixed; boundary=A\r\n\r\n"
    "--A\r\nContent-Type: text/plain\r\n\r\n1\r\n"
    "--A\r\nContent-Type: application/octet-stream\r\n\r\n2\r\n"
    "--A\r\nContent-Type: message/rfc822\r\n\r\n"
    "Subject: three\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n"
    "--B\r\nContent-Type: text/plain\r\n\r\n3.1\r\n"
    "--B\r\nContent-Type: application/octet-stream\r\n\r\n3.2\r\n--B--\r\n"
    "--A\r\nContent-Type: multipart/mixed; boundary=C\r\n\r\n"
    "--C\r\nContent-Type: image/gif\r\n\r\n4.1\r\n"
    "--C\r\nContent-Type: message/rfc822\r\n\r\n"
    "Subject: four two\r\nContent-Type: multipart/mixed; boundary=D\r\n\r\n"
    "--D\r\nContent-Type: text/plain\r\n\r\n4.2.1\r\n"
    "--D\r\nContent-Type: multipart/alternative; boundary=E\r\n\r\n"
    "--E\r\nContent-Type: text/plain\r\n\r\n4.2.2.1\r\n"
    "--E\r\nContent-Type: text/richtext\r\n\r\n4.2.2.2\r\n--E--\r\n--D--\r\n--C--\r\n--A--\r\n";

std::string text(const Section& section, SectionText what) {
  const auto range = range_for(scan(message), section, what);
  return range ? std::string(slice(message, *range)) : "nothing";
}

TEST(Sections, NameTheBodiesOfParts) {
  EXPECT_EQ(text({1}, SectionText::content), "1");
  EXPECT_EQ(text({2}, SectionText::content), "2");
  EXPECT_EQ(text({3, 1}, SectionText::content), "3.1");
  EXPECT_EQ(text({3, 2}, SectionText::content), "3.2");
  EXPECT_EQ(text({4, 1}, SectionText::content), "4.1");
  EXPECT_EQ(text({4, 2, 1}, SectionText::content), "4.2.1");
  EXPECT_EQ(text({4, 2, 2, 1}, SectionText::content), "4.2.2.1");
  EXPECT_EQ(text({4, 2, 2, 2}, SectionText::content), "4.2.2.2");
  EXPECT_EQ(text({}, SectionText::content), message);
}

TEST(Sections, NameHeadersAndTextsOfMessages) {
  EXPECT_EQ(text({}, SectionText::header), "Subject: outer\r\nContent-Type: multipart/mixed; boundary=A\r\n\r\n");
  EXPECT_EQ(text({}, SectionText::text), message.substr(message.find("--A\r\n")));
  EXPECT_EQ(text({3}, SectionText::header), "Subject: three\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n");
  EXPECT_EQ(text({3}, SectionText::text).substr(0, 5), "--B\r\n");
  EXPECT_EQ(text({3}, SectionText::content).substr(0, 9), "Subject: ");
  EXPECT_EQ(text({4, 2}, SectionText::header).substr(0, 17), "Subject: four two");
  EXPECT_EQ(text({3}, SectionText::mime), "Content-Type: message/rfc822\r\n\r\n");
  EXPECT_EQ(text({4, 2, 2, 1}, SectionText::mime), "Content-Type: text/plain\r\n\r\n");
}

TEST(Sections, AreRefusedWhereTheMessageHasNone) {
  EXPECT_EQ(text({0}, SectionText::content), "nothing");
  EXPECT_EQ(text({5}, SectionText::content), "nothing");
  EXPECT_EQ(text({1, 1}, SectionText::content), "nothing");
  EXPECT_EQ(text({3, 3}, SectionText::content), "nothing");
  EXPECT_EQ(text({1}, SectionText::header), "nothing");
  EXPECT_EQ(text({4}, SectionText::text), "nothing");
  EXPECT_EQ(text({}, SectionText::mime), "nothing");
}

TEST(Sections, OneIsTheBodyOfAMessageThatIsNoMultipart) {
  constexpr std::string_view plain = "Subject: x\r\n\r\nbody";
  const Structure structure = scan(plain);
  EXPECT_EQ(slice(plain, *range_for(structure, Section{1}, SectionText::content)), "body");
  EXPECT_EQ(slice(plain, *range_for(structure, Section{1}, SectionText::mime)), "Subject: x\r\n\r\n");
  EXPECT_FALSE(range_for(structure, Section{2}, SectionText::content));
  EXPECT_FALSE(range_for(structure, Section{1, 1}, SectionText::content));
  EXPECT_FALSE(range_for(structure, Section{1}, SectionText::header));
}

TEST(Sections, OneOfAMessageWithinAMessageIsItsBody) {
  constexpr std::string_view nested = "Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nbody";
  const Structure structure = scan(nested);
  EXPECT_EQ(slice(nested, *range_for(structure, Section{1}, SectionText::content)), "Subject: x\r\n\r\nbody");
  EXPECT_EQ(slice(nested, *range_for(structure, Section{1, 1}, SectionText::content)), "body");
  EXPECT_EQ(slice(nested, *range_for(structure, Section{1}, SectionText::header)), "Subject: x\r\n\r\n");
  EXPECT_EQ(part_for(structure, Section{1}), &structure.root);
}

}  // namespace
}  // namespace mailpod::message
