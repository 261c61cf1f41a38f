#include "certificate.hpp"

#include <memory>

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace mailpod::daemon {
namespace {

constexpr auto now = base::Time(std::chrono::seconds(1767225600));

struct Certificate : testing::Test {
  Certificate() : made(make_self_signed({"pod.lab", "localhost"}, now)) {
    BIO* octets = BIO_new_mem_buf(made.certificate.data(), static_cast<int>(made.certificate.size()));
    certificate.reset(PEM_read_bio_X509(octets, nullptr, nullptr, nullptr));
    BIO_free(octets);
  }
  SelfSigned made;
  std::unique_ptr<X509, void (*)(X509*)> certificate{nullptr, X509_free};
};

TEST_F(Certificate, IsForItsNamesAndTheLoopbackAddresses) {
  ASSERT_NE(certificate, nullptr);
  for (const auto* name : {"pod.lab", "localhost"})
    EXPECT_EQ(X509_check_host(certificate.get(), name, 0, 0, nullptr), 1) << name;
  EXPECT_EQ(X509_check_host(certificate.get(), "other.lab", 0, 0, nullptr), 0);
  for (const auto* address : {"127.0.0.1", "::1"})
    EXPECT_EQ(X509_check_ip_asc(certificate.get(), address, 0), 1) << address;
}

TEST_F(Certificate, IsSignedByTheKeyThatComesWithIt) {
  BIO* octets = BIO_new_mem_buf(made.key.data(), static_cast<int>(made.key.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(octets, nullptr, nullptr, nullptr);
  ASSERT_NE(key, nullptr);
  EXPECT_EQ(X509_verify(certificate.get(), key), 1);
  EXPECT_EQ(X509_check_private_key(certificate.get(), key), 1);
  EVP_PKEY_free(key);
  BIO_free(octets);
}

TEST_F(Certificate, LastsTenYears) {
  const auto expiry = expiry_of(made.certificate);
  ASSERT_TRUE(expiry);
  EXPECT_GT(*expiry, now + std::chrono::days(3649));
  EXPECT_LT(*expiry, now + std::chrono::days(3651));
  EXPECT_EQ(expiry_of("no certificate"), std::nullopt);
}

TEST_F(Certificate, HasASerialNumberOfItsOwn) {
  const auto other = make_self_signed({"pod.lab"}, now);
  EXPECT_NE(other.certificate, made.certificate);
}

}  // namespace
}  // namespace mailpod::daemon
