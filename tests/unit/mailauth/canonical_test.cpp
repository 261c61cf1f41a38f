#include <mailpod/mailauth/canonical.hpp>

#include <algorithm>

#include <gtest/gtest.h>

#include <mailpod/text/base64.hpp>

#include "rfc_examples.hpp"

namespace mailpod::mailauth {
namespace {

using enum Canonicalization;

std::string canonical_body(Canonicalization how, std::string_view body, std::size_t step = SIZE_MAX) {
  std::string out;
  CanonicalBody canonical(how, [&](std::string_view octets) { out += octets; });
  while (!body.empty()) {
    canonical.update(body.substr(0, step));
    body.remove_prefix(std::min(step, body.size()));
  }
  canonical.finish();
  return out;
}

// RFC 6376 §3.4.5.
TEST(Canonicalization, OfTheRfcsExample) {
  EXPECT_EQ(canonical_field(relaxed, "A: X\r\n"), "a:X\r\n");
  EXPECT_EQ(canonical_field(relaxed, "B : Y\t\r\n\tZ  \r\n"), "b:Y Z\r\n");
  EXPECT_EQ(canonical_body(relaxed, " C \r\nD \t E\r\n\r\n\r\n"), " C\r\nD E\r\n");
  EXPECT_EQ(canonical_field(simple, "B : Y\t\r\n\tZ  \r\n"), "B : Y\t\r\n\tZ  \r\n");
  EXPECT_EQ(canonical_body(simple, " C \r\nD \t E\r\n\r\n\r\n"), " C \r\nD \t E\r\n");
}

TEST(Canonicalization, OfAnEmptyBodyIsALineOnlyWhereItIsSimple) {
  for (const char* body : {"", "\r\n", "\r\n\r\n\r\n"}) {
    EXPECT_EQ(canonical_body(simple, body), "\r\n");
    EXPECT_EQ(canonical_body(relaxed, body), "");
  }
  EXPECT_EQ(canonical_body(relaxed, " \t\r\n  \r\n "), "");
  EXPECT_EQ(canonical_body(simple, " \r\n"), " \r\n");
}

TEST(Canonicalization, CompletesTheLastLine) {
  EXPECT_EQ(canonical_body(simple, "a"), "a\r\n");
  EXPECT_EQ(canonical_body(relaxed, "a "), "a\r\n");
  EXPECT_EQ(canonical_body(relaxed, "a\r"), "a\r\r\n");
}

TEST(Canonicalization, TakesACarriageReturnOrLineFeedAloneForAnOctet) {
  EXPECT_EQ(canonical_body(relaxed, "a \rb \n c\r\r\n"), "a \rb \n c\r\r\n");
  EXPECT_EQ(canonical_field(relaxed, "A: b\r c\n d\r\n"), "a:b\r c\n d\r\n");
}

TEST(Canonicalization, OfAFieldNeedsNoLineEndAndNoValue) {
  EXPECT_EQ(canonical_field(relaxed, "Subject:"), "subject:\r\n");
  EXPECT_EQ(canonical_field(relaxed, "SUBJECT \t:\r\n  \r\n"), "subject:\r\n");
  EXPECT_EQ(canonical_field(simple, "Subject:"), "Subject:\r\n");
}

TEST(Canonicalization, DoesNotDependOnHowTheBodyIsCut) {
  const std::string body = "\r\n \r\n  a  b \r\n\r\n \t\r\nc\r\r\n\rd \t\r\n\r\n\n \r\n e \r\n \r\n\r";
  for (const auto how : {simple, relaxed}) {
    const std::string whole = canonical_body(how, body);
    for (std::size_t step = 1; step < body.size(); ++step) EXPECT_EQ(canonical_body(how, body, step), whole) << step;
  }
}

TEST(Canonicalization, OfManyEmptyLinesIsHandedOverInBlocks) {
  constexpr std::size_t lines = 1'000'000;
  std::string body;
  for (std::size_t i = 0; i < lines; ++i) body += "\r\n";
  body += "x";
  std::size_t size = 0;
  std::size_t largest = 0;
  CanonicalBody canonical(relaxed, [&](std::string_view octets) {
    size += octets.size();
    largest = std::max(largest, octets.size());
  });
  canonical.update(body);
  canonical.finish();
  EXPECT_EQ(size, body.size() + 2);
  EXPECT_LE(largest, 64U * 1024);
}

// RFC 6376 §3.4.3, §3.4.4.
TEST(BodyHash, OfAnEmptyBody) {
  const base::MemorySource nothing("");
  EXPECT_EQ(text::write_base64(base::octets(hash_body(nothing, 0, simple))),
            "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=");
  EXPECT_EQ(text::write_base64(base::octets(hash_body(nothing, 0, relaxed))),
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
}

TEST(BodyHash, OfTheRfcsExample) {
  const std::string message = examples::dinner_header + examples::dinner_body;
  const base::MemorySource source(message);
  for (const auto how : {simple, relaxed}) {
    const auto hash = hash_body(source, examples::dinner_header.size(), how);
    EXPECT_EQ(text::write_base64(base::octets(hash)), examples::dinner_body_hash);
  }
}

/// Gives less than it says.
struct ShrunkSource final : base::OctetSource {
  std::uint64_t size() const override { return 10; }
  std::size_t read_at(std::uint64_t offset, std::span<char> into) const override {
    return base::MemorySource("1234").read_at(offset, into);
  }
};

TEST(BodyHash, OfASourceThatGivesLessThanItSaidIsNone) {
  EXPECT_THROW(hash_body(ShrunkSource(), 0, relaxed), std::system_error);
}

}  // namespace
}  // namespace mailpod::mailauth
