#include <mailpod/crypto/age.hpp>

#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>

#include "program.hpp"
#include "simulation/entropy.hpp"

// A message of 100 MB, sealed and opened beside Debian's `age` without ever lying in memory as a whole.
namespace mailpod::crypto {
namespace {

#ifndef __has_feature  // clang's
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr std::uint64_t size = 5'000'003;
constexpr bool counts_memory = false;  // the sanitizers keep freed blocks
#else
constexpr std::uint64_t size = 100'000'003;
constexpr bool counts_memory = true;
#endif
constexpr std::size_t piece = 64 * 1024;
constexpr std::uint64_t growth_limit = 1024 * 1024;  // octets

/// The most memory that the process has had so far, in octets.
std::uint64_t most_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::uint64_t kib = 0;
    if (word == "VmHWM:" && status >> kib) return kib * 1024;
  }
  ADD_FAILURE() << "the kernel does not say how much memory is in use";
  return 0;
}

/// Octets that look like none other, each by its place alone.
std::string octets_at(std::uint64_t begin, std::size_t count) {
  std::string octets(count, '\0');
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t at = begin + i;
    octets[i] = static_cast<char>(at * 31 + at / 251 + at / 65'521);
  }
  return octets;
}

class FileOctets final : public base::OctetSource {
public:
  explicit FileOctets(const std::string& path) : file_(path, std::ios::binary | std::ios::ate) {
    size_ = static_cast<std::uint64_t>(file_.tellg());
  }
  std::uint64_t size() const override { return size_; }
  std::size_t read_at(std::uint64_t offset, std::span<char> into) const override {
    file_.clear();
    file_.seekg(static_cast<std::streamoff>(offset));
    file_.read(into.data(), static_cast<std::streamsize>(into.size()));
    return static_cast<std::size_t>(file_.gcount());
  }

private:
  mutable std::ifstream file_;
  std::uint64_t size_ = 0;
};

class AgeStream : public testing::Test {
protected:
  AgeStream() { folder_.write("key", identity_.str() + "\n"); }

  void write_plain(const std::string& name) {
    std::ofstream file(folder_.path(name), std::ios::binary);
    for (std::uint64_t at = 0; at < size; at += piece) file << octets_at(at, std::min<std::uint64_t>(piece, size - at));
  }
  /// Whether the file holds exactly what octets_at says.
  bool is_plain(const base::OctetSource& file) {
    if (file.size() != size) return false;
    return compare([&](std::uint64_t at, std::span<char> into) { return file.read_at(at, into); });
  }
  template <class Read>
  bool compare(const Read& read) {
    std::string buffer(piece, '\0');
    for (std::uint64_t at = 0; at < size; at += piece) {
      const std::size_t got = read(at, std::span(buffer));
      if (std::string_view(buffer).substr(0, got) != octets_at(at, std::min<std::uint64_t>(piece, size - at)))
        return false;
    }
    return true;
  }

  Folder folder_;
  KeyArena arena_;
  simulation::Entropy entropy_;
  AgeIdentity identity_ = AgeIdentity::random(arena_, entropy_);
};

TEST_F(AgeStream, SealsALargeFileThatTheProgramOpensInLittleMemory) {
  const auto before = most_memory();
  {
    std::ofstream file(folder_.path("file.age"), std::ios::binary);
    const std::vector<AgeRecipient> recipients{identity_.recipient()};
    AgeWriter writer(entropy_, recipients, [&](std::string_view octets) { file << octets; });
    for (std::uint64_t at = 0; at < size; at += piece)
      writer.write(octets_at(at, std::min<std::uint64_t>(piece, size - at)));
    writer.finish();
  }
  if (counts_memory) EXPECT_LT(most_memory() - before, growth_limit);
  const auto opened =
      run(folder_, {"age", "-d", "-i", folder_.path("key"), "-o", folder_.path("plain"), folder_.path("file.age")});
  ASSERT_EQ(opened.status, 0) << opened.output;
  EXPECT_TRUE(is_plain(FileOctets(folder_.path("plain"))));
}

TEST_F(AgeStream, OpensALargeFileThatTheProgramSealedInLittleMemory) {
  write_plain("plain");
  const auto sealed =
      run(folder_, {"age", "-r", identity_.recipient().str(), "-o", folder_.path("file.age"), folder_.path("plain")});
  ASSERT_EQ(sealed.status, 0) << sealed.output;
  const auto before = most_memory();
  const FileOctets file(folder_.path("file.age"));
  const auto header = parse_age_header(file).value();
  const auto payload = AgePayload::open(file, unwrap(header, identity_).value(), header.payload_offset).value();
  ASSERT_EQ(payload.size(), size);
  EXPECT_TRUE(payload.check_end().has_value());
  EXPECT_TRUE(compare([&](std::uint64_t at, std::span<char> into) { return payload.read_at(at, into).value(); }));
  if (counts_memory) EXPECT_LT(most_memory() - before, growth_limit);
}

}  // namespace
}  // namespace mailpod::crypto
