#include "data_writer.hpp"

#include <functional>
#include <system_error>

#include <gtest/gtest.h>

#include "simulation/dice.hpp"

namespace mailpod::smtp {
namespace {

using Fault = DataReader::Fault;
using namespace std::string_view_literals;

MessageForm form_of(std::string_view message, std::size_t block = DataWriter::usual_block) {
  const base::MemorySource source(message);
  DataWriter writer(source, block);
  while (writer.examine_block()) {
  }
  return writer.form();
}

/// What goes on the wire; nothing if the message is refused.
std::optional<std::string> written(std::string_view message, std::size_t block = DataWriter::usual_block) {
  const base::MemorySource source(message);
  DataWriter writer(source, block);
  while (writer.examine_block()) {
  }
  if (writer.form().fault != Fault::none) return std::nullopt;
  std::string all;
  std::string out = "what was there before";
  while (!writer.ended()) {
    writer.write_block(out);
    all += out;
  }
  return all;
}

/// What an independent reader of lines calls clean: each CR is followed by LF, each LF follows a CR, no NUL.
bool is_clean(std::string_view octets) {
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (octets[i] == '\0') return false;
    if (octets[i] == '\r' && octets.substr(i, 2) != "\r\n") return false;
    if (octets[i] == '\n' && (i == 0 || octets[i - 1] != '\r')) return false;
  }
  return true;
}

std::string with_last_crlf(std::string message) {
  if (!message.empty() && !message.ends_with("\r\n")) message += "\r\n";
  return message;
}

/// The message is refused exactly if it is not clean; else a reader of DATA gets it back, whatever the blocks.
void check_way_over_the_wire(const std::string& message, std::size_t block) {
  const auto wire = written(message, block);
  ASSERT_EQ(wire.has_value(), is_clean(message)) << testing::PrintToString(message) << " in blocks of " << block;
  if (!wire) return;
  ASSERT_TRUE(is_clean(*wire)) << testing::PrintToString(*wire);
  DataReader reader;
  std::string read;
  ASSERT_EQ(reader.take(*wire, read), wire->size()) << "the end was seen too early: " << testing::PrintToString(*wire);
  ASSERT_TRUE(reader.ended()) << testing::PrintToString(*wire);
  ASSERT_EQ(reader.fault(), Fault::none);
  ASSERT_EQ(read, with_last_crlf(message)) << "in blocks of " << block;
  ASSERT_EQ(form_of(message, block).size, read.size());
}

TEST(DataWriter, DoublesTheDotsThatBeginLines) {
  EXPECT_EQ(written(".one\r\n..\r\na.b.\r\n.\r\n"), "..one\r\n...\r\na.b.\r\n..\r\n.\r\n");
}

TEST(DataWriter, EndsTheLastLineOfAMessageThatDoesNot) {
  EXPECT_EQ(written("one"), "one\r\n.\r\n");
  EXPECT_EQ(written("one\r\n."), "one\r\n..\r\n.\r\n");
}

TEST(DataWriter, AnEmptyMessageIsALoneDot) {
  EXPECT_EQ(written(""), ".\r\n");
}

TEST(DataWriter, RefusesWhatServersReadDifferently) {
  EXPECT_EQ(form_of("a\rb\r\n").fault, Fault::bare_cr);
  EXPECT_EQ(form_of("a\r\r\n").fault, Fault::bare_cr);
  EXPECT_EQ(form_of("a\r").fault, Fault::bare_cr);
  EXPECT_EQ(form_of("a\n.\r\n").fault, Fault::bare_lf);
  EXPECT_EQ(form_of("\n").fault, Fault::bare_lf);
  EXPECT_EQ(form_of("a\r\n\n").fault, Fault::bare_lf);
  EXPECT_EQ(form_of("a\0\r\n"sv).fault, Fault::nul);
  EXPECT_EQ(form_of("\0"sv).fault, Fault::nul);
}

/// Every message over the octets that matter, up to a length, in blocks of every size.
TEST(DataWriter, EveryShortMessageIsRefusedOrArrivesAsItIs) {
  constexpr std::string_view octets("\r\n.a\0", 5);
  constexpr std::size_t longest = 6;
  for (std::size_t length = 0; length <= longest; ++length) {
    std::size_t count = 1;
    for (std::size_t i = 0; i < length; ++i) count *= octets.size();
    for (std::size_t number = 0; number < count; ++number) {
      std::string message;
      for (std::size_t i = 0, rest = number; i < length; ++i, rest /= octets.size())
        message += octets[rest % octets.size()];
      for (std::size_t block = 1; block <= length + 2; ++block) {
        ASSERT_NO_FATAL_FAILURE(check_way_over_the_wire(message, block));
      }
    }
  }
}

TEST(DataWriter, EveryRandomMessageIsRefusedOrArrivesAsItIs) {
  simulation::Dice dice(20261123);
  std::size_t clean = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string message;
    // Mostly of whole lines, so that many can be sent; one in three has an odd octet somewhere.
    for (auto lines = dice.below(12); lines > 0; --lines) {
      message.append(dice.below(3), '.');
      for (auto length = dice.below(20); length > 0; --length) {
        auto octet = static_cast<char>(1 + dice.below(255));
        if (octet == '\r' || octet == '\n') octet = '.';
        message += octet;
      }
      message += "\r\n";
    }
    if (dice.below(4) == 0 && !message.empty()) message.resize(message.size() - 1 - dice.below(2));
    if (dice.below(3) == 0 && !message.empty()) message[dice.below(message.size())] = "\r\n\0."[dice.below(4)];
    clean += is_clean(message) ? 1 : 0;
    ASSERT_NO_FATAL_FAILURE(check_way_over_the_wire(message, 1 + dice.below(message.size() + 3)));
  }
  EXPECT_GT(clean, 8'000U);
  EXPECT_LT(clean, 18'000U);
}

TEST(DataWriter, HoldsNoMoreThanABlock) {
  const std::string message(10'000, '.');
  const base::MemorySource source(message);
  DataWriter writer(source, 100);
  while (writer.examine_block()) {
  }
  std::string out;
  while (!writer.ended()) {
    writer.write_block(out);
    EXPECT_LE(out.size(), 205U);
  }
}

TEST(DataWriter, TellsOfOctetsAbove127WhereverTheyStand) {
  EXPECT_FALSE(form_of("only ascii\x7f\r\n").eight_bit);
  for (std::size_t at = 0; at < 40; ++at) {
    std::string message(40, 'a');
    message[at] = '\x80';
    EXPECT_TRUE(form_of(message).eight_bit) << at;
    EXPECT_TRUE(form_of(message, 7).eight_bit) << at;
  }
}

TEST(DataWriter, TellsOfLinesAbove998OctetsAndSendsThem) {
  const std::string longest(998, 'a');
  for (const std::size_t block : {2U, 3U, 500U, 999U, 1000U, 1001U, 5000U}) {
    EXPECT_FALSE(form_of(longest + "\r\n" + longest + "\r\n" + longest, block).long_lines) << block;
    EXPECT_TRUE(form_of("a\r\n" + longest + "a\r\nb\r\n", block).long_lines) << block;
    EXPECT_TRUE(form_of("a\r\n" + longest + "a", block).long_lines) << block;
  }
  EXPECT_EQ(written(longest + "aa\r\n"), longest + "aa\r\n.\r\n");
}

TEST(DataWriter, CountsTheSizeWithoutWhatTheWireAdds) {
  EXPECT_EQ(form_of("").size, 0U);
  EXPECT_EQ(form_of(".a\r\n").size, 4U);
  EXPECT_EQ(form_of(".a").size, 4U);
}

/// Octets that are others when they are read the second time.
class Changing final : public base::OctetSource {
public:
  Changing(std::string first, std::string second) : first_(std::move(first)), second_(std::move(second)) {}
  std::uint64_t size() const override { return first_.size(); }
  std::size_t read_at(std::uint64_t offset, std::span<char> into) const override {
    if (offset == 0) ++readings_;
    return base::MemorySource(readings_ > 1 ? second_ : first_).read_at(offset, into);
  }

private:
  std::string first_, second_;
  mutable int readings_ = 0;
};

/// What was written before the failure, and whether there was one.
std::pair<std::string, bool> write_changing(const std::string& first, const std::string& second) {
  const Changing source(first, second);
  DataWriter writer(source, 4);
  while (writer.examine_block()) {
  }
  EXPECT_EQ(writer.form().fault, Fault::none);
  std::string all;
  std::string out;
  try {
    while (!writer.ended()) {
      writer.write_block(out);
      all += out;
    }
  } catch (const std::system_error& failure) {
    EXPECT_EQ(failure.code(), std::errc::io_error);
    return {all, true};
  }
  return {all, false};
}

TEST(DataWriter, ASourceThatChangesBreaksTheTransferNotThePromise) {
  EXPECT_FALSE(write_changing("aaaa\r\nbbbb\r\n", "aaaa\r\nbbbb\r\n").second);
  for (const auto second : {"aaaa\nbbbbb\r\n"sv, "aaaa\r\nbbb\r.\n"sv, "aaaa\r\nb\0bb\r\n"sv, "aaaa\r\nbbbbb\r"sv,
                            "aaaa\r\nbb"sv, "aaaa\r\nbbbb\xff\xff"sv, "aaaa\r\nbbbbbb"sv}) {
    const auto [wire, failed] = write_changing("aaaa\r\nbbbb\r\n", std::string(second));
    EXPECT_TRUE(failed) << testing::PrintToString(second);
    EXPECT_TRUE(is_clean(wire)) << testing::PrintToString(wire);
    EXPECT_EQ(wire.find("\r\n.\r\n"), std::string::npos);
  }
}

}  // namespace
}  // namespace mailpod::smtp
