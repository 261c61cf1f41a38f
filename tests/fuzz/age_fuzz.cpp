// Any octets as an age file. What parses must be consistent with itself, and nothing may be released that does not
// open.

#include <cstdint>
#include <cstdlib>

#include <mailpod/crypto/age.hpp>

namespace {

using namespace mailpod;

/// The identity of the public vectors, so that those in the corpus open.
const crypto::AgeIdentity& vectors_identity() {
  static crypto::KeyArena arena;
  static const auto identity =
      crypto::AgeIdentity::parse(arena, "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0");
  return identity.value();
}

void require(bool holds) {
  if (!holds) std::abort();
}

void read_payload(const base::OctetSource& file, const crypto::AgeFileKey& key, std::uint64_t offset) {
  const auto payload = crypto::AgePayload::open(file, key, offset);
  if (!payload) return;
  require(payload->size() < file.size());
  std::string whole(static_cast<std::size_t>(payload->size()) + 1, '\0');
  const auto got = payload->read_at(0, whole);
  if (!got) return;
  require(*got == payload->size());
  require(payload->check_end().has_value());
  require(crypto::age_payload_size(*got) == file.size() - offset);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  const base::MemorySource file(octets);
  if (const auto header = crypto::parse_age_header(file)) {
    require(header->payload_offset <= size);
    require(!header->stanzas.empty() && header->stanzas.size() <= 32);
    require(octets.starts_with(header->authenticated));
    if (const auto key = crypto::unwrap(*header, vectors_identity())) read_payload(file, *key, header->payload_offset);
  }
  read_payload(file, crypto::AgeFileKey{}, 0);
  if (const auto recipient = crypto::AgeRecipient::parse(octets)) require(recipient->str() == octets);
  crypto::KeyArena& arena = vectors_identity().secret().arena();
  if (const auto identity = crypto::AgeIdentity::parse(arena, octets)) require(identity->str() == octets);
  return 0;
}
