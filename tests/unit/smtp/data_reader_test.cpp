#include "data_reader.hpp"

#include <gtest/gtest.h>

namespace mailpod::smtp {
namespace {

struct Reading {
  std::string message;
  std::size_t taken = 0;
  bool ended = false;
  DataReader::Fault fault = DataReader::Fault::none;
  friend bool operator==(const Reading&, const Reading&) = default;
};

/// Reads `octets` in pieces of `piece`.
Reading read(std::string_view octets, std::size_t piece) {
  DataReader reader;
  Reading reading;
  while (reading.taken < octets.size() && !reader.ended()) {
    reading.taken += reader.take(octets.substr(reading.taken, piece), reading.message);
  }
  reading.ended = reader.ended();
  reading.fault = reader.fault();
  return reading;
}

Reading read(std::string_view octets) {
  return read(octets, octets.size());
}

using namespace std::string_view_literals;

TEST(DataReader, EndsAtCrLfDotCrLfAndLeavesTheRest) {
  const Reading reading = read("one\r\ntwo\r\n.\r\nQUIT\r\n");
  EXPECT_TRUE(reading.ended);
  EXPECT_EQ(reading.message, "one\r\ntwo\r\n");
  EXPECT_EQ(reading.taken, 13U);
}

TEST(DataReader, EndsAtADotOnTheFirstLine) {
  const Reading reading = read(".\r\n");
  EXPECT_TRUE(reading.ended);
  EXPECT_EQ(reading.message, "");
}

TEST(DataReader, RemovesOneLeadingDot) {
  EXPECT_EQ(read("..\r\n...a\r\n.b\r\na.b.\r\n.\r\n").message, ".\r\n..a\r\nb\r\na.b.\r\n");
}

TEST(DataReader, ReadsTheSameInWhateverPieces) {
  const std::vector<std::string_view> streams = {
      "one\r\n..two\r\n.\r\nMAIL"sv,
      "..\r\n.\r\n"sv,
      ".\r\n.\r\n"sv,
      "a\r\n.\rb\r\n.\r\n"sv,
      "a\n.\n\r\n.\r\n"sv,
      "a\r\r\n.\r\n"sv,
      "a\0b\r\n.\r\n"sv,
      "a\r\n.\0\r\n.\r\n"sv,
      "\r\n\r\n.\r\n"sv,
      "a\r\n.\n.\r\n"sv,
      "\r"sv,
      ".a\r\n..\r.\r\n\r\n.\r\n"sv,
  };
  for (const auto stream : streams) {
    const Reading whole = read(stream);
    for (std::size_t piece = 1; piece < stream.size(); ++piece) {
      EXPECT_EQ(read(stream, piece), whole) << "in pieces of " << piece;
    }
  }
}

/// Every string over the octets that matter, up to a length: nothing but CRLF.CRLF (or an initial .CRLF) ends a
/// message, and whatever ends one without fault is made of whole lines.
TEST(DataReader, KnowsNoOtherEndInAnyShortStream) {
  constexpr std::string_view octets("\r\n.a\0", 5);
  constexpr std::size_t longest = 8;
  std::size_t ended = 0;
  for (std::size_t length = 1; length <= longest; ++length) {
    std::size_t count = 1;
    for (std::size_t i = 0; i < length; ++i) count *= octets.size();
    for (std::size_t number = 0; number < count; ++number) {
      std::string stream;
      for (std::size_t i = 0, rest = number; i < length; ++i, rest /= octets.size())
        stream += octets[rest % octets.size()];
      const Reading reading = read(stream);
      const std::string lines = "\r\n" + stream;
      const std::size_t end = lines.find("\r\n.\r\n");
      ASSERT_EQ(reading.ended, end != std::string::npos) << testing::PrintToString(stream);
      if (!reading.ended) continue;
      ++ended;
      ASSERT_EQ(reading.taken, end + 3) << testing::PrintToString(stream);
      // What an independent reader would call clean: every CR is followed by LF, every LF follows a CR, no NUL.
      const std::string_view data = std::string_view(stream).substr(0, reading.taken);
      bool clean = data.find('\0') == std::string_view::npos;
      for (std::size_t i = 0; i < data.size(); ++i) {
        if (data[i] == '\r' && data.substr(i, 2) != "\r\n") clean = false;
        if (data[i] == '\n' && (i == 0 || data[i - 1] != '\r')) clean = false;
      }
      ASSERT_EQ(reading.fault == DataReader::Fault::none, clean) << testing::PrintToString(stream);
    }
  }
  EXPECT_GT(ended, 1000U);
}

TEST(DataReader, NamesTheFaultAndYieldsNothingAfterIt) {
  const Reading lf = read("good\r\nbad\nmore\r\n.\r\n");
  EXPECT_EQ(lf.fault, DataReader::Fault::bare_lf);
  EXPECT_EQ(lf.message, "good\r\nbad");
  EXPECT_TRUE(lf.ended);
  EXPECT_EQ(read("bad\rmore\r\n.\r\n").fault, DataReader::Fault::bare_cr);
  EXPECT_EQ(read("bad\0more\r\n.\r\n"sv).fault, DataReader::Fault::nul);
}

TEST(DataReader, KeepsEveryOtherOctet) {
  std::string all;
  for (int octet = 1; octet < 256; ++octet) {
    if (octet != '\r' && octet != '\n') all += static_cast<char>(octet);
  }
  EXPECT_EQ(read(all + "\r\n.\r\n").message, all + "\r\n");
}

}  // namespace
}  // namespace mailpod::smtp
