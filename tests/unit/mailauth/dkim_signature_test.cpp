#include <mailpod/mailauth/dkim_signature.hpp>

#include <algorithm>

#include <gtest/gtest.h>

#include <mailpod/mailauth/canonical.hpp>
#include <mailpod/mailauth/tag_list.hpp>
#include <mailpod/text/ascii.hpp>
#include <mailpod/text/base64.hpp>
#include <simulation/entropy.hpp>

#include "header_fields.hpp"
#include "rfc_examples.hpp"

namespace mailpod::mailauth {
namespace {

using namespace std::chrono_literals;

std::string decoded(std::string_view base64) {
  return text::parse_base64(without_white_space(base64)).value();
}

/// A DKIM-Signature field taken apart by the RFC's words, for the tests to judge what was written.
struct Taken {
  explicit Taken(std::string field) : octets(std::move(field)) {
    const std::size_t begin = octets.find(':') + 1;
    const auto list = TagList::parse(std::string_view(octets).substr(begin, octets.size() - begin - 2));
    EXPECT_TRUE(list.has_value()) << octets;
    for (const auto& tag : list->tags()) tags[std::string(tag.name)] = without_white_space(tag.value);
    const Tag& b = *list->find("b");
    without_b = octets.substr(0, begin + b.begin) + octets.substr(begin + b.end);
    std::string names = tags["h"] + ":";
    for (std::size_t colon; (colon = names.find(':')) != std::string::npos; names.erase(0, colon + 1))
      signed_names.push_back(names.substr(0, colon));
  }
  /// What is signed together with the header of `message`. RFC 6376 §3.7.
  std::string to_sign(std::string_view header) const {
    const auto how = tags.at("c").starts_with("relaxed") ? Canonicalization::relaxed : Canonicalization::simple;
    std::string out = canonical_fields(split_header(header), signed_names, how) + canonical_field(how, without_b);
    out.resize(out.size() - 2);
    return out;
  }
  std::size_t count(std::string_view name) const {
    return static_cast<std::size_t>(std::ranges::count(signed_names, name));
  }

  std::string octets;
  std::string without_b;
  std::map<std::string, std::string> tags;
  std::vector<std::string> signed_names;
};

/// Whether a signature holds for a header, by the record in DNS.
bool holds(const Taken& field, std::string_view header, const std::string& record) {
  const auto list = TagList::parse(record);
  const std::string key = decoded(list->find("p")->value);
  const std::string signature = decoded(field.tags.at("b"));
  const std::string octets = field.to_sign(header);
  if (field.tags.at("a") == "rsa-sha256") return crypto::verify_rsa(key, octets, signature);
  const auto hash = crypto::sha256(octets);
  return crypto::verify(base::byte_array<32>(key).value(), base::octets(hash), base::byte_array<64>(signature).value());
}

class DkimSignature : public testing::Test {
protected:
  DkimKey rsa(const std::string& secret) {
    return DkimKey::parse(Algorithm::rsa_sha256, decoded(secret), arena).value();
  }
  DkimKey ed25519() {
    return DkimKey::parse(Algorithm::ed25519_sha256, decoded(examples::ed25519_seed), arena).value();
  }
  /// The fields that are written for `message`.
  std::vector<Taken> sign(const std::string& message) {
    const DkimKey first = rsa(examples::test_secret);
    const DkimKey second = ed25519();
    const base::MemorySource source(message);
    const auto signable = SignableMessage::read(source);
    const std::string fields =
        signable->signatures({{"football.example.com", "test", first}, {"football.example.com", "brisbane", second}},
                             base::from_seconds(1'528'637'909));
    std::vector<Taken> taken;
    for (const auto& field : split_header(fields)) taken.emplace_back(std::string(field.octets));
    return taken;
  }
  std::optional<std::string> author_domain(const std::string& message) {
    const base::MemorySource source(message);
    return SignableMessage::read(source)->author_domain();
  }

  crypto::KeyArena arena;
};

TEST_F(DkimSignature, KeysGiveTheRecordsOfTheRfcs) {
  EXPECT_EQ(rsa(examples::brisbane_secret).record(), examples::brisbane_record);
  EXPECT_EQ(rsa(examples::test_secret).record(), examples::test_record);
  EXPECT_EQ(ed25519().record(), examples::ed25519_record);
}

// RFC 8463 Appendix A: the same octets are hashed, and signed the same.
TEST_F(DkimSignature, OfTheRfcsExampleIsMadeAgain) {
  const Taken by_ed25519(examples::ed25519_field);
  EXPECT_EQ(text::write_base64(ed25519().sign(by_ed25519.to_sign(examples::dinner_header))), by_ed25519.tags.at("b"));
  EXPECT_TRUE(holds(by_ed25519, examples::dinner_header, examples::ed25519_record));
  const Taken by_rsa(examples::rsa_field);
  EXPECT_EQ(text::write_base64(rsa(examples::test_secret).sign(by_rsa.to_sign(examples::dinner_header))),
            by_rsa.tags.at("b"));
  EXPECT_TRUE(holds(by_rsa, examples::dinner_header, examples::test_record));
}

// RFC 6376 Appendix A.2, simple/simple. Print has moved its folds: they were signed with six spaces.
TEST_F(DkimSignature, OfTheOlderExampleIsMadeAgain) {
  const std::string field =
      "DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;\r\n"
      "      c=simple/simple; q=dns/txt; i=joe@football.example.com;\r\n"
      "      h=Received : From : To : Subject : Date : Message-ID;\r\n"
      "      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
      "      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB\r\n"
      "      4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut\r\n"
      "      KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV\r\n"
      "      4bmp/YzhwvcubU4=;\r\n";
  const std::string header =
      "Received: from client1.football.example.com  [192.0.2.1]\r\n"
      "      by submitserver.example.com with SUBMISSION;\r\n"
      "      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)\r\n" +
      examples::dinner_header;
  EXPECT_TRUE(holds(Taken(field), header, examples::brisbane_record));
}

TEST_F(DkimSignature, HoldsTwiceForWhatWasSigned) {
  const auto fields = sign(examples::dinner_header + examples::dinner_body);
  ASSERT_EQ(fields.size(), 2U);
  EXPECT_EQ(fields[0].tags.at("a"), "rsa-sha256");
  EXPECT_EQ(fields[1].tags.at("a"), "ed25519-sha256");
  EXPECT_TRUE(holds(fields[0], examples::dinner_header, examples::test_record));
  EXPECT_TRUE(holds(fields[1], examples::dinner_header, examples::ed25519_record));
  for (const auto& field : fields) {
    EXPECT_EQ(field.tags.at("v"), "1");
    EXPECT_EQ(field.tags.at("c"), "relaxed/relaxed");
    EXPECT_EQ(field.tags.at("d"), "football.example.com");
    EXPECT_EQ(field.tags.at("t"), "1528637909");
    EXPECT_EQ(field.tags.at("x"), "1529242709") << "a week later";
    EXPECT_EQ(field.tags.count("l") + field.tags.count("i"), 0U);
    EXPECT_TRUE(field.octets.starts_with("DKIM-Signature: v=1;"));
    EXPECT_TRUE(field.octets.ends_with("\r\n"));
  }
}

TEST_F(DkimSignature, OutlivesRefoldingAndNothingElse) {
  const auto field = sign(examples::dinner_header + examples::dinner_body).front();
  const auto survives = [&](const std::string& what, const std::string& by) {
    std::string header = examples::dinner_header;
    header.replace(header.find(what), what.size(), by);
    return holds(field, header, examples::test_record);
  };
  EXPECT_TRUE(survives("Subject: Is dinner", "SUBJECT :\r\n Is\t  dinner"));
  EXPECT_TRUE(survives("Subject:", "Received: by somebody\r\nSubject:"));
  EXPECT_FALSE(survives("Is dinner", "Isdinner"));
  EXPECT_FALSE(survives("joe@", "jon@"));
  EXPECT_FALSE(survives("Subject:", "Subject: another\r\nSubject:")) << "above";
  EXPECT_FALSE(survives("\r\n\r\n", "\r\nSubject: another\r\n\r\n")) << "below";
  for (const char* name : {"From", "To", "Cc", "Subject", "Date", "Message-ID", "Reply-To", "In-Reply-To", "References",
                           "MIME-Version", "Content-Type", "Content-Transfer-Encoding"})
    EXPECT_FALSE(survives("From:", std::string(name) + ": x\r\nFrom:")) << name;
  EXPECT_TRUE(survives("From:", "List-Id: <everybody.example.org>\r\nSender: owner@example.org\r\nFrom:"))
      << "what a mailing list says of itself";
}

TEST_F(DkimSignature, NamesEachFieldOnceMoreThanItOccurs) {
  const std::string header = "From: a@b.example\r\nReceived: x\r\nto: c\r\nTo: d\r\nList-Id: <x>\r\n\r\n";
  const auto field = sign(header).front();
  EXPECT_EQ(field.count("from"), 2U);
  EXPECT_EQ(field.count("to"), 3U);
  EXPECT_EQ(field.count("cc"), 1U);
  EXPECT_EQ(field.count("list-id"), 2U);
  EXPECT_EQ(field.count("list-help"), 0U);
  EXPECT_EQ(field.count("received"), 0U);
  EXPECT_TRUE(holds(field, header, examples::test_record));
}

TEST_F(DkimSignature, HashesTheBodyInRelaxedForm) {
  const std::string one = sign(examples::dinner_header + "a  b \r\n\r\n").front().tags.at("bh");
  EXPECT_EQ(sign(examples::dinner_header + "a b").front().tags.at("bh"), one);
  EXPECT_NE(sign(examples::dinner_header + "a c").front().tags.at("bh"), one);
  EXPECT_NE(sign(examples::dinner_header).front().tags.at("bh"), one);
}

TEST_F(DkimSignature, ReadsHeadersOfAnyLengthWithinTheLimit) {
  for (const std::size_t size : {100U, 16U * 1024, 32U * 1024, 100'000U}) {
    const std::string header = "From: a@b.example\r\nSubject: " + std::string(size, 'x') + "\r\n\r\n";
    const auto field = sign(header + "body").front();
    EXPECT_TRUE(holds(field, header, examples::test_record)) << size;
  }
  const std::string header = "Subject: " + std::string(1000, 'x') + "\r\n\r\n";
  const base::MemorySource source(header);
  EXPECT_TRUE(SignableMessage::read(source, header.size()).has_value());
  EXPECT_EQ(SignableMessage::read(source, header.size() - 1).error(), Errc::header_too_long);
}

TEST_F(DkimSignature, OfAMessageThatIsAllHeader) {
  for (const char* header : {"From: a@b.example\r\n", "From: a@b.example", "", "\r\n", " no field\r\n"}) {
    const auto field = sign(header).front();
    EXPECT_TRUE(holds(field, header, examples::test_record)) << header;
    EXPECT_EQ(field.tags.at("bh"), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
  }
}

TEST_F(DkimSignature, IsMadeForTheOneAuthorsDomain) {
  EXPECT_EQ(author_domain("From: Ada <ada@POD.example>\r\n\r\n"), "pod.example");
  EXPECT_EQ(author_domain("Sender: x@other.example\r\nfrom :\r\n ada@pod.example\r\n\r\n"), "pod.example");
  EXPECT_FALSE(author_domain("Subject: x\r\n\r\nFrom: ada@pod.example\r\n"));
  EXPECT_FALSE(author_domain("From: ada@pod.example\r\nFrom: eve@pod.example\r\n\r\n"));
  EXPECT_FALSE(author_domain("From: ada@pod.example, eve@evil.example\r\n\r\n"));
  EXPECT_FALSE(author_domain("From: <ada@pod.example> eve@evil.example\r\n\r\n"));
}

TEST_F(DkimSignature, KeysAreReadBack) {
  simulation::Entropy entropy{1};
  for (const auto algorithm : {Algorithm::rsa_sha256, Algorithm::ed25519_sha256}) {
    const auto key = DkimKey::generate(algorithm, arena, entropy);
    EXPECT_EQ(key.algorithm(), algorithm);
    const auto again = DkimKey::parse(algorithm, key.secret(), arena);
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->record(), key.record());
    EXPECT_EQ(again->sign("x"), key.sign("x"));
    EXPECT_EQ(DkimKey::parse(algorithm, key.secret() + "x", arena).error(), Errc::damaged);
    EXPECT_EQ(DkimKey::parse(algorithm, "", arena).error(), Errc::damaged);
  }
  const std::string record = DkimKey::generate(Algorithm::rsa_sha256, arena, entropy).record();
  EXPECT_EQ(record.size(), 410U) << "2,048 bits";
}

}  // namespace
}  // namespace mailpod::mailauth
