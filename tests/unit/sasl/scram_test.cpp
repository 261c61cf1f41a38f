#include <gtest/gtest.h>

#include <mailpod/crypto/digest.hpp>
#include <mailpod/sasl/scram.hpp>
#include <mailpod/text/base64.hpp>

namespace mailpod::sasl::scram {
namespace {

// RFC 7677 §3: user "user", password "pencil".
constexpr std::string_view salt = "W22ZaJ0SNY7soEsUEjb6gQ==";
constexpr std::string_view auth_message =
    "n=user,r=rOprNGfwEbeRWgbNEkqO,"
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";

TEST(Scram, GivesTheProofAndSignatureOfRfc7677) {
  crypto::KeyArena arena;
  const Keys keys = derive(arena, "pencil", text::parse_base64(salt).value(), 4096);
  const auto client_signature = crypto::hmac_sha256(base::octets(keys.stored_key), auth_message);
  std::string proof(keys.client_key.octets());
  for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<char>(proof[i] ^ client_signature[i]);
  EXPECT_EQ(text::write_base64(proof), "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  const auto server_signature = crypto::hmac_sha256(keys.server_key.octets(), auth_message);
  EXPECT_EQ(text::write_base64(base::octets(server_signature)), "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

}  // namespace
}  // namespace mailpod::sasl::scram
