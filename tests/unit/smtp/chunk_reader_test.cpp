#include "chunk_reader.hpp"

#include <gtest/gtest.h>

namespace mailpod::smtp {
namespace {

using namespace std::string_view_literals;
using Fault = ChunkReader::Fault;

struct Reading {
  std::string message;
  Fault fault = Fault::none;
  friend bool operator==(const Reading&, const Reading&) = default;
};

/// Reads `octets` in chunks of `piece`, and says they were the last.
Reading read(std::string_view octets, std::size_t piece) {
  ChunkReader reader;
  Reading reading;
  for (; !octets.empty(); octets.remove_prefix(std::min(piece, octets.size())))
    reader.take(octets.substr(0, piece), reading.message);
  reader.finish(reading.message);
  reading.fault = reader.fault();
  return reading;
}

Reading read(std::string_view octets) {
  return read(octets, octets.size());
}

TEST(ChunkReader, ChangesNothingInAMessage) {
  EXPECT_EQ(read("..a\r\n.\r\n\r\nb\r\n"), (Reading{"..a\r\n.\r\n\r\nb\r\n", Fault::none}));
  EXPECT_EQ(read(""), Reading{});
}

TEST(ChunkReader, EndsTheLastLine) {
  EXPECT_EQ(read("a\r\nb"), (Reading{"a\r\nb\r\n", Fault::none}));
}

TEST(ChunkReader, FindsWhatIsNoLineEnd) {
  EXPECT_EQ(read("a\nb\r\n").fault, Fault::bare_lf);
  EXPECT_EQ(read("\n").fault, Fault::bare_lf);
  EXPECT_EQ(read("a\r\n\n").fault, Fault::bare_lf);
  EXPECT_EQ(read("a\rb\r\n").fault, Fault::bare_cr);
  EXPECT_EQ(read("a\r\r\n").fault, Fault::bare_cr);
  EXPECT_EQ(read("a\r").fault, Fault::bare_cr);
  EXPECT_EQ(read("a\0b\r\n"sv).fault, Fault::nul);
  EXPECT_EQ(read("a\r\0\n"sv).fault, Fault::nul);
}

TEST(ChunkReader, GivesNothingAfterAFault) {
  EXPECT_EQ(read("a\nb\r\n").message, "a");
}

TEST(ChunkReader, ReadsTheSameInWhateverChunks) {
  for (const auto octets : {"one\r\ntwo\r\n"sv, "one\r\n\r\ntwo"sv, "a\n\r\n"sv, "a\rb"sv, "a\r"sv, "a\0"sv}) {
    for (std::size_t piece = 1; piece < octets.size(); ++piece) {
      EXPECT_EQ(read(octets, piece), read(octets)) << octets << " in chunks of " << piece;
    }
  }
}

}  // namespace
}  // namespace mailpod::smtp
