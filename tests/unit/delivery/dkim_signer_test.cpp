#include <mailpod/delivery/dkim_signer.hpp>

#include <system_error>

#include <gtest/gtest.h>

#include <mailpod/text/base64.hpp>
#include <simulation/clock.hpp>
#include <simulation/disk.hpp>
#include <simulation/entropy.hpp>

#include "unit/mailauth/rfc_examples.hpp"

namespace mailpod::delivery {
namespace {

using mailauth::Algorithm;
using mailauth::KeyState;

class Lines final : public base::Log {
public:
  void write(Level, std::string_view line) override { lines.emplace_back(line); }
  bool wants(Level) const override { return true; }
  std::vector<std::string> lines;
};

class DkimSigners : public testing::Test {
protected:
  DkimSigners() : keys({disk, clock, entropy, log, arena, server_key}, "/pod/dkim") {
    entry.submitter = MemberId{};
    entry.reverse_path = "alice@pod.example";
  }
  void add(const std::string& selector, Algorithm algorithm, const std::string& secret) {
    mailauth::KeyEntry one;
    one.domain = "pod.example";
    one.selector = selector;
    one.state = KeyState::active;
    one.key = std::make_shared<const mailauth::DkimKey>(
        mailauth::DkimKey::parse(algorithm, text::parse_base64(secret).value(), arena).value());
    keys.put(one);
  }
  std::string sign(const std::string& octets) { return signer.sign(entry, base::MemorySource(octets)); }
  static std::size_t count(const std::string& octets, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = 0; (at = octets.find(part, at)) != std::string::npos; ++at) ++found;
    return found;
  }

  simulation::Disk disk;
  simulation::Clock clock;
  simulation::Entropy entropy{5};
  Lines log;
  crypto::KeyArena arena;
  crypto::Key server_key = crypto::Key::copy_of(arena, std::string(32, 's'));
  struct Folder {
    explicit Folder(base::Disk& on) { on.make_directory("/pod"); }
  } folder{disk};
  mailauth::DkimKeyring keys;
  DkimSigner signer{{keys, clock, log}};
  queue::Entry entry;
  const std::string message = "From: Alice <alice@POD.example>\r\nSubject: x\r\n\r\nbody\r\n";
};

TEST_F(DkimSigners, SignWithEachKindOfKeyInTheAuthorsName) {
  add("r", Algorithm::rsa_sha256, mailauth::examples::test_secret);
  add("e", Algorithm::ed25519_sha256, mailauth::examples::ed25519_seed);
  const std::string fields = sign(message);
  EXPECT_EQ(count(fields, "DKIM-Signature: v=1;"), 2U);
  EXPECT_EQ(count(fields, "d=pod.example;"), 2U);
  EXPECT_EQ(count(fields, "a=rsa-sha256;"), 1U);
  EXPECT_EQ(count(fields, "a=ed25519-sha256;"), 1U);
  EXPECT_EQ(count(fields, "s=r;"), 1U);
  EXPECT_EQ(count(fields, "t=1767225600;"), 2U);
  EXPECT_TRUE(log.lines.empty());
}

TEST_F(DkimSigners, SayOnceThatThereIsNoKey) {
  EXPECT_EQ(sign(message), "");
  EXPECT_EQ(sign(message), "");
  ASSERT_EQ(log.lines.size(), 1U);
  EXPECT_EQ(log.lines[0], "dkim.unsigned domain=pod.example reason=\"no active key\"");
  add("r", Algorithm::rsa_sha256, mailauth::examples::test_secret);
  EXPECT_NE(sign(message), "") << "as soon as there is one";
}

TEST_F(DkimSigners, SignReportsOfThePodAndNothingFromOutside) {
  add("r", Algorithm::rsa_sha256, mailauth::examples::test_secret);
  entry.submitter.reset();
  EXPECT_EQ(sign(message), "");
  entry.reverse_path.clear();
  EXPECT_EQ(count(sign(message), "DKIM-Signature"), 1U);
  entry.passed_on = true;
  EXPECT_EQ(sign(message), "") << "on its way back to an author";
  entry.submitter = MemberId{};
  entry.reverse_path = "SRS0=aaaaaa=aa=client.example=smith@pod.example";
  EXPECT_EQ(sign(message), "") << "forwarded, whoever From claims to be";
}

// RFC 8617 §5.1
TEST_F(DkimSigners, SealWhatIsOnlyPassedOnWithWhatWasFoundOut) {
  entry.passed_on = true;
  const std::string examined = "Authentication-Results: mx.pod.example; spf=pass; arc=none\r\n" + message;
  DkimSigner sealing{{keys, clock, log, "mx.pod.example", "pod.example"}};
  const auto seal = [&](const std::string& octets) { return sealing.sign(entry, base::MemorySource(octets)); };
  EXPECT_EQ(seal(examined), "") << "without a key it goes on as it is";
  add("e", Algorithm::ed25519_sha256, mailauth::examples::ed25519_seed);
  EXPECT_EQ(seal(examined), "");
  add("r", Algorithm::rsa_sha256, mailauth::examples::test_secret);
  const auto fields = seal(examined);
  EXPECT_TRUE(fields.starts_with("ARC-Seal: a=rsa-sha256;")) << fields;
  EXPECT_EQ(count(fields, "d=pod.example;"), 2U);
  EXPECT_EQ(count(fields, "ARC-Authentication-Results: i=1; mx.pod.example;"), 1U);
  EXPECT_EQ(count(fields, "DKIM-Signature"), 0U);
  EXPECT_EQ(seal(message), "") << "it was not examined";
  EXPECT_EQ(sign(examined), "") << "nobody said who we are";
}

TEST_F(DkimSigners, SignInNobodyElsesName) {
  add("r", Algorithm::rsa_sha256, mailauth::examples::test_secret);
  EXPECT_EQ(sign("From: a@sub.pod.example\r\n\r\n"), "");
  EXPECT_EQ(sign("From: a@pod.example, b@pod.example\r\n\r\n"), "");
  EXPECT_EQ(sign("Subject: x\r\n\r\n"), "");
}

TEST_F(DkimSigners, LetAHeaderWithoutEndGoUnsigned) {
  add("r", Algorithm::rsa_sha256, mailauth::examples::test_secret);
  EXPECT_EQ(sign("From: a@pod.example\r\nX: " + std::string(2 << 20, 'x') + "\r\n\r\n"), "");
  EXPECT_EQ(log.lines.size(), 1U);
}

/// A disk that fails while the body is read.
struct BrokenSource final : base::OctetSource {
  std::uint64_t size() const override { return 1 << 20; }
  std::size_t read_at(std::uint64_t offset, std::span<char> into) const override {
    static const std::string header = "From: a@pod.example\r\n\r\n" + std::string(16 * 1024, 'x');
    const std::size_t count = base::MemorySource(header).read_at(offset, into);
    if (count == 0 || count < into.size()) throw std::system_error(EIO, std::system_category());
    return count;
  }
};

TEST_F(DkimSigners, HandOnAFailureOfTheDisk) {
  add("r", Algorithm::rsa_sha256, mailauth::examples::test_secret);
  EXPECT_THROW(signer.sign(entry, BrokenSource()), std::system_error);
}

}  // namespace
}  // namespace mailpod::delivery
