#include <algorithm>
#include <mailpod/crypto/age.hpp>

#include <algorithm>
#include <stdexcept>

#include <gtest/gtest.h>

#include "program.hpp"
#include "simulation/entropy.hpp"

namespace mailpod::crypto {
namespace {

std::string pattern(std::size_t size) {
  std::string octets(size, '\0');
  for (std::size_t i = 0; i < size; ++i) octets[i] = static_cast<char>(i * 31 + i / 251);
  return octets;
}

class Age : public testing::Test {
protected:
  std::string sealed(std::string_view plain, std::size_t piece = 100'000) {
    std::string file;
    const std::vector<AgeRecipient> recipients{identity_.recipient()};
    AgeWriter writer(entropy_, recipients, [&](std::string_view octets) { file.append(octets); });
    file_key_ = writer.file_key();
    payload_offset_ = writer.payload_offset();
    for (std::size_t at = 0; at < plain.size(); at += piece) writer.write(plain.substr(at, piece));
    writer.finish();
    EXPECT_EQ(writer.written(), file.size());
    return file;
  }
  Result<std::string> opened(const std::string& file, const AgeIdentity& identity) {
    const base::MemorySource source(file);
    const auto header = parse_age_header(source);
    if (!header) return header.error();
    const auto key = unwrap(*header, identity);
    if (!key) return key.error();
    const auto payload = AgePayload::open(source, *key, header->payload_offset);
    if (!payload) return payload.error();
    std::string plain(static_cast<std::size_t>(payload->size()) + 1, '\0');
    const auto got = payload->read_at(0, plain);
    if (!got) return got.error();
    plain.resize(*got);
    return plain;
  }

  KeyArena arena_;
  simulation::Entropy entropy_;
  AgeIdentity identity_ = AgeIdentity::random(arena_, entropy_);
  AgeFileKey file_key_{};
  std::uint64_t payload_offset_ = 0;
};

constexpr std::size_t sizes[] = {0, 1, 65535, 65536, 65537, 131072, 200'000};

TEST_F(Age, OpensWhatItSealed) {
  for (const auto size : sizes) {
    const auto plain = pattern(size);
    const auto file = sealed(plain);
    EXPECT_EQ(file.size(), payload_offset_ + age_payload_size(size));
    EXPECT_EQ(opened(file, identity_).value(), plain) << size;
  }
}

TEST_F(Age, WritesTheSameFileHoweverTheOctetsCome) {
  const auto plain = pattern(150'000);
  const std::vector<AgeRecipient> recipients{identity_.recipient()};
  std::vector<std::string> files;
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{65536}, std::size_t{150'000}}) {
    simulation::Entropy same(5);
    std::string file;
    AgeWriter writer(same, recipients, [&](std::string_view octets) { file.append(octets); });
    for (std::size_t at = 0; at < plain.size(); at += piece) writer.write(std::string_view(plain).substr(at, piece));
    writer.finish();
    files.push_back(file);
  }
  EXPECT_EQ(files, std::vector<std::string>(files.size(), files.front()));
}

TEST_F(Age, ReadsFromAnyPlaceWithTheFileKeyAlone) {
  const auto plain = pattern(200'000);
  const auto file = sealed(plain);
  const base::MemorySource source(file);
  const auto payload = AgePayload::open(source, file_key_, payload_offset_).value();
  EXPECT_EQ(payload.size(), plain.size());
  for (const std::size_t at : {0UL, 65530UL, 131071UL, 199'990UL, 5UL, 199'999UL}) {
    std::string into(10, '.');
    const auto got = payload.read_at(at, into).value();
    EXPECT_EQ(into.substr(0, got), plain.substr(at, 10)) << at;
  }
  std::string into(1, '.');
  EXPECT_EQ(payload.read_at(200'000, into).value(), 0u);
  EXPECT_EQ(payload.read_at(~0ULL, into).value(), 0u);
  EXPECT_TRUE(payload.check_end());
}

TEST_F(Age, ReadsAPartBesideADamagedChunk) {
  const auto plain = pattern(200'000);
  auto file = sealed(plain);
  file[payload_offset_ + 16 + age_sealed_chunk + 100] ^= 1;  // in the second chunk
  const base::MemorySource source(file);
  const auto payload = AgePayload::open(source, file_key_, payload_offset_).value();
  std::string into(100, '.');
  EXPECT_EQ(payload.read_at(70'000, into).error(), Errc::bad_payload);
  EXPECT_EQ(payload.read_at(140'000, into).value(), 100u);
  EXPECT_EQ(into, plain.substr(140'000, 100));
}

TEST_F(Age, NoticesEveryTruncationAndExtension) {
  const auto plain = pattern(65536 * 2);
  const auto file = sealed(plain);
  for (const std::uint64_t cut :
       {std::uint64_t{1}, std::uint64_t{15}, std::uint64_t{16}, std::uint64_t{17}, age_sealed_chunk - 1,
        age_sealed_chunk, age_sealed_chunk + 1, 2 * age_sealed_chunk, 2 * age_sealed_chunk + 1}) {
    EXPECT_FALSE(opened(file.substr(0, file.size() - cut), identity_)) << cut;
  }
  for (const std::size_t more : {1UL, 15UL, 16UL, 17UL, 65552UL}) {
    EXPECT_EQ(opened(file + std::string(more, '\0'), identity_).error(), Errc::bad_payload) << more;
  }
}

TEST_F(Age, KnowsACutAtAChunkFromItsEndAlone) {
  const auto file = sealed(pattern(65536 * 2));
  const auto cut = file.substr(0, file.size() - age_sealed_chunk);
  const base::MemorySource source(cut);
  const auto payload = AgePayload::open(source, file_key_, payload_offset_).value();
  EXPECT_EQ(payload.check_end().error(), Errc::bad_payload);
}

TEST_F(Age, NoticesEveryBitFlip) {
  const auto file = sealed("a short letter");
  for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
    auto changed = file;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(opened(changed, identity_)) << bit;
  }
}

TEST_F(Age, IsForItsRecipientsOnly) {
  const auto other = AgeIdentity::random(arena_, entropy_);
  const auto third = AgeIdentity::random(arena_, entropy_);
  std::string file;
  const std::vector<AgeRecipient> recipients{identity_.recipient(), other.recipient()};
  AgeWriter writer(entropy_, recipients, [&](std::string_view octets) { file.append(octets); });
  writer.write("hello");
  writer.finish();
  EXPECT_EQ(opened(file, identity_).value(), "hello");
  EXPECT_EQ(opened(file, other).value(), "hello");
  EXPECT_EQ(opened(file, third).error(), Errc::no_match);
}

TEST_F(Age, GrantsNoMoreHeaderThanTheCallerSays) {
  const auto file = sealed("x");
  const base::MemorySource source(file);
  EXPECT_EQ(parse_age_header(source, {1, 65536}).value().stanzas.size(), 1u);
  EXPECT_EQ(parse_age_header(source, {0, 65536}).error(), Errc::too_many_stanzas);
  EXPECT_TRUE(parse_age_header(source, {1, static_cast<std::size_t>(payload_offset_)}));
  EXPECT_EQ(parse_age_header(source, {1, static_cast<std::size_t>(payload_offset_) - 1}).error(),
            Errc::header_too_long);
  const auto endless = "age-encryption.org/v1\n-> X25519 " + std::string(1 << 20, 'a');
  EXPECT_EQ(parse_age_header(base::MemorySource(endless)).error(), Errc::header_too_long);
}

TEST_F(Age, ParsesTheHeaderOnceAndKeepsItsOffset) {
  const auto file = sealed("x");
  const auto header = parse_age_header(base::MemorySource(file)).value();
  EXPECT_EQ(header.payload_offset, payload_offset_);
  EXPECT_EQ(unwrap(header, identity_).value(), file_key_);
}

TEST_F(Age, DoesNotSealToARecipientOfLowOrder) {
  const std::vector<AgeRecipient> none;
  const std::vector<AgeRecipient> zero(1);
  const std::vector<AgeRecipient> many(33, identity_.recipient());
  const auto ignore = [](std::string_view) {};
  EXPECT_THROW(AgeWriter(entropy_, none, ignore), std::invalid_argument);
  EXPECT_THROW(AgeWriter(entropy_, zero, ignore), std::invalid_argument);
  EXPECT_THROW(AgeWriter(entropy_, many, ignore), std::invalid_argument);
}

TEST_F(Age, LetsTheSinksFailurePass) {
  const std::vector<AgeRecipient> recipients{identity_.recipient()};
  bool full = false;
  AgeWriter writer(entropy_, recipients, [&](std::string_view) {
    if (full) throw std::system_error(ENOSPC, std::system_category());
  });
  full = true;
  EXPECT_THROW(writer.write(pattern(200'000)), std::system_error);
}

TEST_F(Age, WritesKeysAsAgeKeygenDoes) {
  const auto text = identity_.str();
  EXPECT_TRUE(text.starts_with("AGE-SECRET-KEY-1"));
  EXPECT_EQ(AgeIdentity::parse(arena_, text).value().secret().octets(), identity_.secret().octets());
  const auto recipient = identity_.recipient().str();
  EXPECT_TRUE(recipient.starts_with("age1"));
  EXPECT_EQ(AgeRecipient::parse(recipient).value(), identity_.recipient());
}

TEST_F(Age, RefusesKeysThatAreNotExactlyRight) {
  const auto recipient = identity_.recipient().str();
  for (std::size_t i = 0; i < recipient.size(); ++i) {
    auto changed = recipient;
    changed[i] = changed[i] == 'q' ? 'p' : 'q';
    EXPECT_FALSE(AgeRecipient::parse(changed)) << i;
  }
  std::string upper = recipient;
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
  EXPECT_FALSE(AgeRecipient::parse(upper));
  EXPECT_FALSE(AgeRecipient::parse(recipient + " "));
  EXPECT_FALSE(AgeRecipient::parse(""));
  EXPECT_FALSE(AgeRecipient::parse("age1"));
  EXPECT_FALSE(AgeRecipient::parse(identity_.str()));
  EXPECT_FALSE(AgeIdentity::parse(arena_, recipient));
  EXPECT_EQ(arena_.in_use(), 1u);
}

// With the program itself.

TEST_F(Age, SealsWhatTheProgramOpens) {
  const Folder folder;
  folder.write("key", identity_.str() + "\n");
  for (const auto size : sizes) {
    const auto plain = pattern(size);
    folder.write("file.age", sealed(plain));
    const auto decrypted =
        run(folder, {"age", "-d", "-i", folder.path("key"), "-o", folder.path("plain"), folder.path("file.age")});
    ASSERT_EQ(decrypted.status, 0) << decrypted.output;
    EXPECT_EQ(folder.read("plain"), plain) << size;
  }
}

TEST_F(Age, OpensWhatTheProgramSealed) {
  const Folder folder;
  const auto other = AgeIdentity::random(arena_, entropy_);
  for (const auto size : sizes) {
    const auto plain = pattern(size);
    folder.write("plain", plain);
    const auto encrypted = run(folder, {"age", "-r", other.recipient().str(), "-r", identity_.recipient().str(), "-o",
                                        folder.path("file.age"), folder.path("plain")});
    ASSERT_EQ(encrypted.status, 0) << encrypted.output;
    EXPECT_EQ(opened(folder.read("file.age"), identity_).value(), plain) << size;
  }
}

TEST_F(Age, ReadsAKeyOfTheProgram) {
  const Folder folder;
  const auto made = run(folder, {"age-keygen", "-o", folder.path("key")});
  ASSERT_EQ(made.status, 0) << made.output;
  const auto text = folder.read("key");
  const auto secret = text.substr(text.find("AGE-SECRET-KEY-1"));
  const auto identity = AgeIdentity::parse(arena_, secret.substr(0, secret.find('\n')));
  ASSERT_TRUE(identity);
  EXPECT_NE(text.find("public key: " + identity->recipient().str() + "\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace mailpod::crypto
