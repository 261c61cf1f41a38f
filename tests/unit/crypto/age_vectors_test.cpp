// The public test vectors of the age format (C2SP/CCTV), as far as they need X25519 alone.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <zlib.h>

#include <mailpod/crypto/age.hpp>
#include <mailpod/crypto/digest.hpp>

namespace mailpod::crypto {
namespace {

std::filesystem::path vectors_folder() {
  if (const char* folder = std::getenv("MAILPOD_VECTORS")) return std::filesystem::path(folder) / "age";
  return std::filesystem::path(MAILPOD_SOURCE_DIR) / "../shared/vectors/age";
}

struct Vector {
  std::string expect;
  std::string payload;  ///< SHA-256 of all plaintext that may be released, in hexadecimal; empty for none
  std::vector<std::string> identities;
  bool compressed = false;
  bool foreign = false;  ///< needs a passphrase, armor or a post-quantum identity
  std::string file;
};

std::string inflated(const std::string& octets) {
  std::string out;
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) throw std::runtime_error("zlib");
  std::string input = octets;
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  int answer = Z_OK;
  std::string piece(1 << 16, '\0');
  while (answer == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    answer = inflate(&stream, Z_NO_FLUSH);
    out.append(piece, 0, piece.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (answer != Z_STREAM_END) throw std::runtime_error("a vector that is not zlib");
  return out;
}

Vector read_vector(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  Vector vector;
  for (std::string line; std::getline(in, line) && !line.empty();) {
    const auto colon = line.find(": ");
    const auto name = line.substr(0, colon);
    const auto value = line.substr(colon + 2);
    if (name == "expect") vector.expect = value;
    if (name == "payload") vector.payload = value;
    if (name == "identity") vector.identities.push_back(value);
    if (name == "compressed") vector.compressed = value == "zlib";
    if (name == "passphrase" || name == "armored") vector.foreign = true;
    if (name == "identity" && !value.starts_with("AGE-SECRET-KEY-1")) vector.foreign = true;
  }
  vector.file.assign(std::istreambuf_iterator<char>(in), {});
  if (vector.compressed) vector.file = inflated(vector.file);
  return vector;
}

std::vector<std::string> vector_names() {
  std::vector<std::string> names;
  std::error_code absent;
  for (const auto& entry : std::filesystem::directory_iterator(vectors_folder(), absent)) {
    if (entry.path().has_extension()) continue;  // the folder's README
    if (!read_vector(entry.path()).foreign) names.push_back(entry.path().filename());
  }
  std::ranges::sort(names);
  return names;
}

/// The outcome in the vectors' words.
std::string word_for(const boost::system::error_code& error) {
  if (error == Errc::no_match) return "no match";
  if (error == Errc::bad_header_mac) return "HMAC failure";
  if (error == Errc::bad_payload) return "payload failure";
  return "header failure";
}

/// Decrypts front to back and keeps every octet that was released, also those before a failure.
std::string decrypt(const Vector& vector, std::string& released) {
  const base::MemorySource source(vector.file);
  const auto header = parse_age_header(source);
  if (!header) return word_for(header.error());
  KeyArena arena;
  Result<AgeFileKey> key = Errc::no_match;
  for (const auto& text : vector.identities) {
    const auto identity = AgeIdentity::parse(arena, text);
    if (!identity) return "unreadable identity";
    key = unwrap(*header, *identity);
    if (key || key.error() != Errc::no_match) break;
  }
  if (!key) return word_for(key.error());
  const auto payload = AgePayload::open(source, *key, header->payload_offset);
  if (!payload) return word_for(payload.error());
  std::string piece(age_chunk, '\0');
  for (;;) {
    // Octet by octet at first would find nothing more: chunks are released whole.
    const auto before_end = payload->size() > released.size() ? payload->size() - released.size() : 1;
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(age_chunk, before_end));
    const auto got = payload->read_at(released.size(), std::span(piece).first(wanted));
    if (!got) return word_for(got.error());
    if (*got == 0) return "success";
    released.append(piece, 0, *got);
  }
}

class AgeVector : public testing::TestWithParam<std::string> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(AgeVector);

TEST_P(AgeVector, EndsAsPublished) {
  const auto vector = read_vector(vectors_folder() / GetParam());
  std::string released;
  EXPECT_EQ(decrypt(vector, released), vector.expect);
  if (vector.payload.empty()) {
    EXPECT_TRUE(released.empty());
  } else {
    EXPECT_EQ(base::hex(base::octets(sha256(released))), vector.payload);
  }
}

INSTANTIATE_TEST_SUITE_P(, AgeVector, testing::ValuesIn(vector_names()), [](const auto& info) { return info.param; });

TEST(AgeVectors, AreThere) {
  if (!std::filesystem::exists(vectors_folder())) {
    GTEST_SKIP() << "no vectors in " << vectors_folder()
                 << "; set MAILPOD_VECTORS to a folder that has age/ of C2SP/CCTV";
  }
  EXPECT_GE(vector_names().size(), 60u);
}

}  // namespace
}  // namespace mailpod::crypto
