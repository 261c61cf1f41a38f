// Any octets as one of minisign's files. One text has one meaning: what parses is written back octet for octet.

#include <cstdint>
#include <cstdlib>

#include <mailpod/crypto/minisign.hpp>

namespace {

using namespace mailpod::crypto;

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto signature = minisign::parse_signature(text)) {
    require(signature->file() == text);
    minisign::PublicKey key;
    key.id = signature->id;
    require(minisign::verify(key, text, *signature).has_error());
  }
  if (const auto key = minisign::parse_public_key(text)) require(key->str() == text);
  if (const auto key = minisign::parse_public_key_file(text)) {
    require(text.ends_with("\n" + key->str() + "\n"));
  }
  static KeyArena arena;
  // Without a passphrase an encrypted file ends before its work begins.
  if (const auto key = minisign::parse_secret_key_file(arena, text)) {
    require(minisign::parse_secret_key_file(arena, key->file())->public_key() == key->public_key());
  }
  require(arena.in_use() == 0);
  return 0;
}
