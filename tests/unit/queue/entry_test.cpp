#include <mailpod/queue/entry.hpp>

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include <mailpod/crypto/padme.hpp>
#include <mailpod/queue/error.hpp>

#include "queue_samples.hpp"
#include "simulation/frozen.hpp"

namespace mailpod::queue {
namespace {

TEST(EntryId, IsWrittenAsHexadecimalDigits) {
  EntryId id;
  id.bytes[0] = 0xab;
  EXPECT_EQ(id.str(), "ab000000000000000000000000000000");
  EXPECT_EQ(EntryId::parse(id.str()), id);
  EXPECT_FALSE(EntryId::parse("AB000000000000000000000000000000"));
  EXPECT_FALSE(EntryId::parse("ab"));
  EXPECT_FALSE(EntryId::parse("../../../../../../../../etc/passw"));
}

TEST(Entry, ComesBackFromItsEncodingWithEveryField) {
  const Entry entry = full_entry();
  auto decoded = decode(encode(entry));
  ASSERT_TRUE(decoded);
  // These two stand in clear, outside of what is encoded.
  decoded->id = entry.id;
  decoded->next_try = entry.next_try;
  EXPECT_EQ(*decoded, entry);
}

TEST(Entry, ComesBackWithDefaults) {
  const auto decoded = decode(encode(Entry{}));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, Entry{});
}

TEST(Entry, HasTheEncodingOfVersionOne) {
  std::ifstream file(std::string(MAILPOD_SOURCE_DIR) + "/tests/formats/queue-entry-1.bin", std::ios::binary);
  const std::string frozen{std::istreambuf_iterator<char>(file), {}};
  ASSERT_FALSE(frozen.empty());
  EXPECT_EQ(base::hex(encode(full_entry())), base::hex(frozen));
}

TEST(Entry, HasTheMarksOfVersionOne) {
  Entry entry = full_entry();
  entry.held = entry.delay_told = true;
  entry.recipients[1].told = true;
  EXPECT_EQ(base::hex(encode(entry)),
            base::hex(simulation::frozen("queue-entry-1-marks.bin", [&] { return encode(entry); })));
  auto decoded = decode(encode(entry)).value();
  decoded.id = entry.id;
  decoded.next_try = entry.next_try;
  EXPECT_EQ(decoded, entry);
}

TEST(Entry, SaysThatItIsOnlyPassedOn) {
  Entry entry = full_entry();
  entry.passed_on = true;
  EXPECT_EQ(base::hex(encode(entry)),
            base::hex(simulation::frozen("queue-entry-1-passed-on.bin", [&] { return encode(entry); })));
  EXPECT_TRUE(decode(encode(entry))->passed_on);
}

TEST(Entry, SaysThatItIsHeldByTheBrake) {
  Entry entry = full_entry();
  entry.held = entry.braked = true;
  EXPECT_EQ(base::hex(encode(entry)),
            base::hex(simulation::frozen("queue-entry-1-braked.bin", [&] { return encode(entry); })));
  EXPECT_TRUE(decode(encode(entry))->braked);
}

TEST(Entry, SaysThatNoPolicyOfTlsIsToKeepIt) {
  Entry entry = full_entry();
  entry.tls_optional = true;
  EXPECT_EQ(base::hex(encode(entry)),
            base::hex(simulation::frozen("queue-entry-1-tls-optional.bin", [&] { return encode(entry); })));
  EXPECT_TRUE(decode(encode(entry))->tls_optional);
}

TEST(Entry, CutAnywhereIsDamagedOrAnotherEntry) {
  const std::string whole = encode(full_entry());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto decoded = decode(std::string_view(whole).substr(0, length));
    if (!decoded) {
      EXPECT_EQ(decoded.error(), Errc::damaged) << length;
    } else {
      // Cut exactly between two fields: seals, not the codec, notice that.
      EXPECT_EQ(encode(*decoded).substr(0, length), whole.substr(0, length)) << length;
    }
  }
}

TEST(Entry, OfALaterVersionIsSaidToBeSo) {
  std::string octets = encode(full_entry());
  octets[0] = 2;
  EXPECT_EQ(decode(octets).error(), Errc::unknown_version);
}

TEST(Entry, WithANumberOutOfRangeIsDamaged) {
  Entry entry;
  entry.priority = 10;
  EXPECT_EQ(decode(encode(entry)).error(), Errc::damaged);
  entry = {};
  entry.body = static_cast<Body>(3);
  EXPECT_EQ(decode(encode(entry)).error(), Errc::damaged);
  entry = {};
  entry.recipients.emplace_back().state = static_cast<RecipientState>(4);
  EXPECT_EQ(decode(encode(entry)).error(), Errc::damaged);
  entry.recipients[0].state = static_cast<RecipientState>(32);
  EXPECT_EQ(decode(encode(entry)).error(), Errc::damaged);
  EXPECT_EQ(decode(encode(Entry{}) + std::string("\x7f\0\0\0\0", 5)).error(), Errc::damaged);
}

TEST(Padme, GrowsByAtMostTwelvePercent) {
  for (std::uint64_t size = 1; size < 1'000'000; size = size * 5 / 4 + 1) {
    const std::uint64_t padded = crypto::padme(size);
    EXPECT_GE(padded, size);
    EXPECT_LE(static_cast<double>(padded), static_cast<double>(size) * 1.12) << size;
    EXPECT_EQ(crypto::padme(padded), padded);
  }
  EXPECT_EQ(crypto::padme(0), 0U);
  EXPECT_EQ(crypto::padme(9), 10U);
}

}  // namespace
}  // namespace mailpod::queue
