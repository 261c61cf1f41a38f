#include <algorithm>

#include <gtest/gtest.h>

#include <mailpod/message/header_edit.hpp>
#include <mailpod/message/scanner.hpp>

namespace mailpod::message {
namespace {

std::string applied(const HeaderEdit& edit, std::string_view header) {
  return edit.apply(header).value();
}

TEST(HeaderEdit, LeavesTheRestAsItWas) {
  constexpr std::string_view odd = "subject :  x \t\r\n y\r\nno field\r\nX-\xff: \x01\nFrom: a\r\n\r\n";
  EXPECT_EQ(applied({}, odd), odd);
}

TEST(HeaderEdit, RemovesFieldsWithTheirContinuations) {
  HeaderEdit edit;
  edit.remove = {"Bcc", "Return-Path"};
  EXPECT_EQ(
      applied(edit, "Bcc: a,\r\n\tb\r\nFrom: x\r\nBCC : c\r\n \r\nreturn-path: <y>\r\nBccx: stays\r\nbcc:\r\n\r\n"),
      "From: x\r\nBccx: stays\r\n\r\n");
}

TEST(HeaderEdit, RemovesOnlyResultsThatClaimOurName) {  // RFC 8601 §5
  HeaderEdit edit;
  edit.forged_authserv_id = "pod.example";
  EXPECT_EQ(
      applied(edit,
              "Authentication-Results: pod.example; spf=pass\r\nAuthentication-Results: other.example; none\r\n"
              "authentication-results : (hi)\r\n POD.example 1; none\r\nAuthentication-Results: \"pod.example\"; x\r\n"
              "Authentication-Results: ;dkim=pass\r\nAuthentication-Results:\r\nA: b\r\n\r\n"),
      "Authentication-Results: other.example; none\r\nA: b\r\n\r\n");
}

TEST(HeaderEdit, AddsWhatIsMissing) {
  HeaderEdit edit;
  edit.date_if_missing = "Mon, 23 Nov 2026 13:32:00 +0000";
  edit.message_id_if_missing = "<1@pod.example>";
  EXPECT_EQ(applied(edit, "From: x\r\n\r\n"),
            "From: x\r\nDate: Mon, 23 Nov 2026 13:32:00 +0000\r\nMessage-ID: <1@pod.example>\r\n\r\n");
  EXPECT_EQ(applied(edit, "date: y\r\nMESSAGE-ID: z\r\n\r\n"), "date: y\r\nMESSAGE-ID: z\r\n\r\n");
  EXPECT_EQ(applied(edit, "From: x"),
            "From: x\r\nDate: Mon, 23 Nov 2026 13:32:00 +0000\r\nMessage-ID: <1@pod.example>\r\n\r\n");
}

TEST(HeaderEdit, LetsNoContinuationExtendWhatIsPutBefore) {
  HeaderEdit edit;
  edit.prepend = "Authentication-Results: pod.example; none\r\n";
  EXPECT_EQ(applied(edit, " ; dkim=pass\r\n\tmore\r\nFrom: x\r\n\r\n"), edit.prepend + "From: x\r\n\r\n");
  EXPECT_EQ(applied(edit, "\r\n"), edit.prepend + "\r\n");
  EXPECT_EQ(applied(edit, ""), edit.prepend + "\r\n");
}

TEST(HeaderEdit, RefusesAHeaderBeyondItsLimit) {
  EXPECT_EQ(HeaderEdit{}.apply("From: x\r\n\r\n", 10).error(), Errc::too_large);
}

TEST(HeaderLength, ReachesBehindTheBlankLine) {
  EXPECT_EQ(header_length("A: b\r\n\r\nbody\r\n\r\n"), 8U);
  EXPECT_EQ(header_length("A: b\n\nbody"), 6U);
  EXPECT_EQ(header_length("\r\nbody"), 2U);
  EXPECT_EQ(header_length("A: b\r\n"), std::string_view::npos);
  EXPECT_EQ(header_length("A: b\r\n \r\n"), std::string_view::npos);
}

TEST(TraceFields, FoldReceived) {
  Received received;
  received.helo = "client.example";
  received.client_name = "mx.client.example";
  received.client_ip = "2001:db8::1";
  received.tls = "TLS1.3 TLS_AES_256_GCM_SHA384";
  received.by = "pod.example";
  received.protocol = "ESMTPS";
  received.id = "abc123";
  received.for_address = "a@pod.example";
  received.date = {base::from_seconds(880127706), std::chrono::minutes(0)};
  EXPECT_EQ(write_received(received),
            "Received: from client.example (mx.client.example [IPv6:2001:db8::1])\r\n"
            "\t(TLS1.3 TLS_AES_256_GCM_SHA384) by pod.example with ESMTPS id abc123\r\n"
            "\tfor <a@pod.example>;\r\n\tFri, 21 Nov 1997 15:55:06 +0000\r\n");
}

TEST(TraceFields, LetNothingOutOfItsClause) {
  Received received;
  received.helo = "x)\r\nBcc: y (\xff; z" + std::string(1, '\0');
  received.client_name = "a)(b";
  received.client_ip = "1]2";
  received.tls = ")\\\r\n";
  received.by = "pod.example";
  received.for_address = "a>; b\r\nc@d";
  const std::string field = write_received(received);
  Scanner scanner;
  scanner.feed(field + "\r\n");
  scanner.finish();
  ASSERT_EQ(scanner.facts().fields.size(), 1U);
  EXPECT_EQ(scanner.facts().malformed_lines, 0U);
  EXPECT_FALSE(scanner.facts().has_nul);
  EXPECT_EQ(std::ranges::count(field, ';'), 1);
  EXPECT_EQ(std::ranges::count(field, '('), 2);
  EXPECT_EQ(std::ranges::count(field, ')'), 2);
}

TEST(TraceFields, TakeOnlyOneAddress) {
  EXPECT_EQ(write_return_path("").value(), "Return-Path: <>\r\n");
  EXPECT_EQ(write_return_path("a@b.test").value(), "Return-Path: <a@b.test>\r\n");
  EXPECT_EQ(write_return_path("\"a>b\"@c.test").value(), "Return-Path: <\"a>b\"@c.test>\r\n");
  EXPECT_EQ(write_delivered_to("ä@b.test").value(), "Delivered-To: ä@b.test\r\n");
  for (const std::string_view bad : {"a@b.test\r\nX: y", "a@b.test>, <c@d.test", "a", "\xff@b.test", "a@b.test (x"}) {
    EXPECT_EQ(write_return_path(bad).error(), Errc::unsafe_value) << bad;
    EXPECT_EQ(write_delivered_to(bad).error(), Errc::unsafe_value) << bad;
  }
  EXPECT_EQ(write_delivered_to("").error(), Errc::unsafe_value);
}

TEST(TraceFields, FoldOtherFieldsSoThatUnfoldingGivesThemBack) {
  std::string value;
  for (int i = 0; i < 40; ++i) value += "word" + std::to_string(i) + (i % 3 == 0 ? "  " : " ");
  value += "end";
  const std::string field = write_field("X-Test", value);
  std::string unfolded;
  std::size_t longest = 0;
  std::size_t column = 0;
  for (const char octet : field) {
    column = octet == '\n' ? 0 : column + 1;
    longest = std::max(longest, column);
    if (octet != '\r' && octet != '\n') unfolded += octet;
  }
  EXPECT_EQ(unfolded, "X-Test: " + value);
  EXPECT_LE(longest, 79U);
  EXPECT_EQ(write_field("X", "a\r\nBcc: b"), "X: a  Bcc: b\r\n");
  EXPECT_EQ(write_field("X", ""), "X:\r\n");
}

class CountingEntropy final : public base::Entropy {
public:
  void fill(std::span<unsigned char> into) override {
    for (unsigned char& octet : into) octet = next_++;
  }

private:
  unsigned char next_ = 0;
};

TEST(MessageId, IsRandomAtTheDomain) {
  CountingEntropy entropy;
  EXPECT_EQ(make_message_id(entropy, "pod.example"), "<000102030405060708090a0b0c0d0e0f@pod.example>");
  EXPECT_EQ(make_message_id(entropy, "pod.example").substr(0, 5), "<1011");
}

}  // namespace
}  // namespace mailpod::message
