#include <mailpod/sasl/scram.hpp>

#include <mailpod/crypto/digest.hpp>

namespace mailpod::sasl::scram {

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

}  // namespace mailpod::sasl::scram
