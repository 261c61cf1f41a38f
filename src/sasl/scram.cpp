#include <mailpod/sasl/scram.hpp>

#include <algorithm>

namespace mailpod::sasl::scram {
namespace {

/// `octets` XOR ClientSignature.
crypto::Digest masked(std::string_view octets, std::string_view stored_key, std::string_view auth_message) {
  auto out = crypto::hmac_sha256(stored_key, auth_message);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] ^= static_cast<unsigned char>(octets[i]);
  return out;
}

}  // namespace

Keys derive(crypto::KeyArena& arena, std::string_view password, std::string_view salt, std::uint32_t iterations) {
  auto salted_password = crypto::pbkdf2_hmac_sha256(password, salt, iterations);
  auto client = crypto::hmac_sha256(base::octets(salted_password), "Client Key");
  auto server = crypto::hmac_sha256(base::octets(salted_password), "Server Key");
  Keys keys{crypto::Key::copy_of(arena, base::octets(client)), crypto::Key::copy_of(arena, base::octets(server)),
            crypto::sha256(base::octets(client))};
  crypto::wipe(salted_password);
  crypto::wipe(client);
  crypto::wipe(server);
  return keys;
}

std::optional<crypto::Key> recover_client_key(crypto::KeyArena& arena, std::string_view stored_key,
                                              std::string_view auth_message, std::string_view proof) {
  if (proof.size() != crypto::Key::size || stored_key.size() != crypto::Key::size) return std::nullopt;
  auto client_key = masked(proof, stored_key, auth_message);
  const auto hash = crypto::sha256(base::octets(client_key));
  std::optional<crypto::Key> found;
  if (crypto::equal_in_constant_time(base::octets(hash), stored_key)) {
    found = crypto::Key::copy_of(arena, base::octets(client_key));
  }
  crypto::wipe(client_key);
  return found;
}

base::ByteArray<32> prove(const Keys& keys, std::string_view auth_message) {
  return masked(keys.client_key.octets(), base::octets(keys.stored_key), auth_message);
}

}  // namespace mailpod::sasl::scram
