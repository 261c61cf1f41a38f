#include "reply.hpp"

#include <gtest/gtest.h>

#include "status_for.hpp"

namespace mailpod::smtp {
namespace {

TEST(Reply, HasCodeEnhancedCodeAndText) {
  EXPECT_EQ(Reply(250, "2.1.0", "sender ok").str(), "250 2.1.0 sender ok\r\n");
  EXPECT_EQ(Reply(354, "", "go ahead").str(), "354 go ahead\r\n");
}

TEST(Reply, OfSeveralLinesMarksAllButTheLast) {
  Reply reply(250, "", "mail.pod.lab");
  reply.add("PIPELINING").add("HELP");
  EXPECT_EQ(reply.str(), "250-mail.pod.lab\r\n250-PIPELINING\r\n250 HELP\r\n");
}

TEST(Reply, CannotBeSplitByWhatItRepeats) {
  EXPECT_EQ(Reply(550, "5.1.1", "a\r\n250 ok\x1b[2J\xff").str(), "550 5.1.1 a??250 ok?[2J?\r\n");
}

TEST(Reply, IsAtMost512OctetsALine) {
  const std::string line = Reply(250, "2.0.0", std::string(2000, 'x')).str();
  EXPECT_EQ(line.size(), 512U);
  EXPECT_TRUE(line.ends_with("x\r\n"));
}

TEST(Reply, OfNothingIsNothing) {
  EXPECT_EQ(Reply::silent_close().str(), "");
  EXPECT_EQ(Reply::silent_close().next(), Next::close);
}

TEST(StatusFor, EveryAnswerOfTheMailroomHasItsOwnRow) {
  for (int errc = static_cast<int>(Errc::no_such_mailbox); errc <= static_cast<int>(Errc::header_malformed); ++errc) {
    const boost::system::error_code code(errc, mailroom_category());
    const std::string line = status_for(code).str();
    EXPECT_NE(code.message(), "unknown answer of the mailroom") << errc;
    // The first digit of both codes agree. RFC 2034 §4
    EXPECT_EQ(line[0], line[4]) << line;
    EXPECT_NE(line.find(code.message()), std::string::npos) << line;
  }
  EXPECT_EQ(boost::system::error_code(999, mailroom_category()).message(), "unknown answer of the mailroom");
}

TEST(StatusFor, WhatIsNotTheMailroomsIsALocalError) {
  EXPECT_EQ(status_for(boost::system::errc::make_error_code(boost::system::errc::not_supported)).code(), 451);
}

TEST(StatusFor, AFullDiskIsNotABrokenOne) {
  const auto failure = [](int number) { return errc_for(std::system_error(number, std::generic_category())); };
  EXPECT_EQ(failure(ENOSPC), Errc::storage_full);
  EXPECT_EQ(failure(EDQUOT), Errc::storage_full);
  EXPECT_EQ(failure(EIO), Errc::storage_failed);
  EXPECT_EQ(failure(EROFS), Errc::storage_failed);
}

}  // namespace
}  // namespace mailpod::smtp
