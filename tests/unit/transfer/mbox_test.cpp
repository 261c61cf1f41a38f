#include <mailpod/transfer/mbox.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailpod::transfer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

struct Read {
  std::string octets;
  FlagWords flags;
  std::uint64_t seconds = 0;
  bool internal = false;
};

std::vector<Read> read_all(std::string_view file) {
  const base::MemorySource source(file);
  std::vector<Read> all;
  for (std::uint64_t at = 0;;) {
    Read one;
    const auto message = read_mbox_message(source, at, [&](std::string_view piece) { one.octets.append(piece); });
    if (!message) return all;
    at = message->next;
    one.flags = message->label.flags;
    one.seconds = base::to_seconds(message->label.date);
    one.internal = message->internal;
    all.push_back(std::move(one));
  }
}

std::string written(std::string_view octets, const FlagWords& flags, std::size_t step = 7) {
  std::string out = write_from_line(base::from_seconds(1796009354)) + write_status_fields(flags);
  MboxLines lines;
  for (std::size_t at = 0; at < octets.size(); at += step) lines.convert(octets.substr(at, step), out);
  lines.finish(out);
  return out;
}

TEST(Mbox, AFromLineBeginsWithFromAndEndsWithADate) {
  const auto seconds = [](std::string_view line) -> std::uint64_t {
    const auto date = parse_from_line(line);
    return date ? base::to_seconds(*date) : 0;
  };
  EXPECT_EQ(seconds("From ada@pod.lab Mon Nov 30 03:29:14 2026"), 1796009354U);
  EXPECT_EQ(seconds("From - Mon Nov 30 03:29:14 2026"), 1796009354U) << "Thunderbird";
  EXPECT_EQ(seconds("From ada@pod.lab  Mon Nov 30 04:29:14 2026 +0100"), 1796009354U);
  EXPECT_EQ(seconds("From ada@pod.lab Mon Nov 30 04:29:14 +0100 2026"), 1796009354U) << "Gmail";
  EXPECT_EQ(seconds("From ada Mon Nov 30 03:29:14 GMT 2026"), 1796009354U);
  EXPECT_EQ(seconds("From ada Mon Nov 30 03:29 2026 remote from elsewhere"), 1796009354U - 14);
  EXPECT_EQ(seconds("From Mon Mon Nov 30 03:29:14 2026"), 1796009354U);
  EXPECT_EQ(seconds("From Monday on we meet at 12:00 in 2026"), 0U);
  EXPECT_EQ(seconds("From ada@pod.lab"), 0U);
  EXPECT_EQ(seconds("From ada Mon Feb 30 03:29:14 2026"), 0U);
  EXPECT_EQ(seconds("From: ada Mon Nov 30 03:29:14 2026"), 0U);
  EXPECT_EQ(write_from_line(base::from_seconds(1796009354)), "From MAILER-DAEMON Mon Nov 30 03:29:14 2026\n");
}

TEST(Mbox, WhatIsWrittenIsReadBack) {
  const FlagWords flags{"\\Seen", "\\Answered", "\\Flagged", "\\Draft", "\\Deleted", "$Label1", "blue"};
  for (const std::string mail :
       {"Subject: a\r\n\r\nFrom here on\r\n>From there\r\n>>From\r\n>\r\nFrom \r\n\r\n\r\n",
        "Status: open\r\nX-Status: mine\r\nX-Keywords: k\r\nStatus: x\r\n\r\nb\r\n", "From me: header\r\n\r\nb\r\n",
        "\r\nno header\r\n", " begins with a space\r\n\r\nb\r\n", "a: b\r\n\r\n\r\n\r\n",
        "From a Mon Nov 30 03:29:14 2026\r\n\r\nFrom b Mon Nov 30 03:29:14 2026\r\n"}) {
    for (std::size_t step = 1; step < 12; ++step) {
      const auto all = read_all(written(mail, flags, step) + written("Subject: next\r\n\r\n", {}));
      ASSERT_EQ(all.size(), 2U) << mail;
      EXPECT_EQ(all[0].octets, mail);
      EXPECT_THAT(all[0].flags, testing::UnorderedElementsAreArray(flags));
      EXPECT_EQ(all[0].seconds, 1796009354U);
      EXPECT_EQ(all[1].octets, "Subject: next\r\n\r\n");
      EXPECT_THAT(all[1].flags, IsEmpty());
    }
  }
}

TEST(Mbox, FlagsOfOtherProgramsAreReadAndAreNoPartOfTheMail) {
  const auto all = read_all(
      "From - Mon Nov 30 03:29:14 2026\n"
      "X-Mozilla-Status: 1007\nX-Mozilla-Status2: 00000000\nX-Mozilla-Keys: $label1 blue        \n"
      "Subject: a\nStatus: RO\nContent-Length: 3\nX-Keywords: NonJunk\n  late\nTo: b\n\nStatus: in the body\n\n"
      "From x Mon Nov 30 03:29:14 2026\nSubject: two\nX-Status: AF\n\n");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].octets, "Subject: a\r\nTo: b\r\n\r\nStatus: in the body\r\n");
  EXPECT_THAT(all[0].flags, UnorderedElementsAre("\\Seen", "\\Answered", "\\Flagged", "$Forwarded", "$label1", "blue",
                                                 "NonJunk", "late"));
  EXPECT_EQ(all[1].octets, "Subject: two\r\n\r\n");
  EXPECT_THAT(all[1].flags, ElementsAre("\\Answered", "\\Flagged"));
}

TEST(Mbox, QuirksOfWriters) {
  // CRLF line ends, no empty line before the next From_ line, a line of prose that only begins so, no line end at last.
  const auto all = read_all(
      "\r\nFrom a Mon Nov 30 03:29:14 2026\r\nSubject: a\r\n\r\nFrom Monday on.\r\n"
      "From b Mon Nov 30 03:29:15 2026\r\nSubject: b\r\n\r\nend");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].octets, "Subject: a\r\n\r\nFrom Monday on.\r\n");
  EXPECT_EQ(all[1].octets, "Subject: b\r\n\r\nend");
}

TEST(Mbox, WhatAMailProgramKeepsForItselfIsNoMail) {
  const auto all = read_all(
      "From MAILER-DAEMON Mon Nov 30 03:29:14 2026\nSubject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\n"
      "X-IMAP: 1 2\n\ntext\n\nFrom a Mon Nov 30 03:29:14 2026\nSubject: a\n\n");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_TRUE(all[0].internal);
  EXPECT_FALSE(all[1].internal);
}

TEST(Mbox, NoMboxFileHasNoMessages) {
  EXPECT_TRUE(read_all("").empty());
  EXPECT_TRUE(read_all("\n\n").empty());
  EXPECT_TRUE(read_all("Subject: a\n\nFrom a Mon Nov 30 03:29:14 2026\n").empty());
  EXPECT_TRUE(read_all(std::string(100'000, 'x')).empty());
}

TEST(Mbox, ALineOfAnyLengthPassesInPieces) {
  std::string mail =
      "Subject: a\r\n\r\n" + std::string(300'000, '>') + "From \r\n" + std::string(200'000, 'x') + "\r\n";
  mail += std::string(32 * 1024, 'y') + "\rz\r\n";
  const auto file = written(mail, {"\\Seen"}, 4096) + written("Subject: b\r\n\r\n", {});
  const base::MemorySource source(file);
  std::size_t largest = 0;
  std::string octets;
  const auto message = read_mbox_message(source, 0, [&](std::string_view piece) {
    largest = std::max(largest, piece.size());
    octets.append(piece);
  });
  ASSERT_TRUE(message);
  EXPECT_LT(largest, 64U * 1024);
  // Quotes beyond what is looked at stay: such a line is nobody's.
  EXPECT_EQ(octets.substr(octets.size() - 200'000), mail.substr(mail.size() - 200'000));
  EXPECT_EQ(read_all(file).size(), 2U);
}

}  // namespace
}  // namespace mailpod::transfer
