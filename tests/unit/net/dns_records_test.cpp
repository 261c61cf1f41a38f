#include "dns_records.hpp"

#include <gtest/gtest.h>

#include "dns_names.hpp"

namespace mailpod::net {
namespace {

using namespace std::string_literals;

std::optional<std::string> name_of(const std::string& rdata) {
  return parse_name_rdata(rdata);
}

// RFC 1035 §4.1.4 has F.ISI.ARPA, as "1 F 3 ISI 4 ARPA 0".
TEST(DnsRecords, ReadANameAsRfc1035WritesIt) {
  EXPECT_EQ(name_of("\1F\3ISI\4ARPA\0"s), "f.isi.arpa");
  EXPECT_EQ(name_of("\0"s), "");
}

TEST(DnsRecords, RefuseANameThatDoesNotEnd) {
  const std::string whole = "\1F\3ISI\4ARPA\0"s;
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_EQ(name_of(whole.substr(0, size)), std::nullopt);
  EXPECT_EQ(name_of(whole + "x"), std::nullopt);
}

// Pointers of RFC 1035 §4.1.4 mean nothing outside their packet; here they would lead in circles.
TEST(DnsRecords, RefusePointersAndUnknownKindsOfLabels) {
  EXPECT_EQ(name_of("\xC0\x00"s), std::nullopt);
  EXPECT_EQ(name_of("\1F\xC0\x00"s), std::nullopt);
  EXPECT_EQ(name_of("\x40" + std::string(64, 'l') + '\0'), std::nullopt);
  EXPECT_EQ(name_of("\x80" + std::string(128, 'l') + '\0'), std::nullopt);
}

TEST(DnsRecords, TakeNamesUpTo255OctetsOnTheWire) {
  const std::string label = "\x3F" + std::string(63, 'l');
  const std::string longest = label + label + label + "\x3D" + std::string(61, 'l') + '\0';
  ASSERT_EQ(longest.size(), 255U);
  EXPECT_EQ(name_of(longest).value_or("").size(), 253U);
  EXPECT_EQ(name_of(label + label + label + "\x3E" + std::string(62, 'l') + '\0'), std::nullopt);
  std::string shortest_labels;
  for (int i = 0; i < 128; ++i) shortest_labels += "\1a";
  EXPECT_EQ(name_of(shortest_labels + '\0'), std::nullopt);
}

// They would be other names as text: "a.b" of one label, a line break in a log, an escape.
TEST(DnsRecords, RefuseLabelsThatTextCannotCarry) {
  for (const char octet : {'.', '\\', ' ', '\0', '\r', '\n', '\x7F', '\x80', '\xFF'}) {
    EXPECT_EQ(name_of("\3a"s + octet + "b\3lab\0"s), std::nullopt) << static_cast<int>(octet);
  }
  EXPECT_EQ(name_of("\5_dmar\3lab\0"s), "_dmar.lab");
}

// RFC 1035 §5.3: "MX 10 VENERA", "MX 20 VAXA" of ISI.EDU.
TEST(DnsRecords, ReadMailExchangers) {
  const auto venera = parse_mx("\0\x0A\6VENERA\3ISI\3EDU\0"s);
  ASSERT_TRUE(venera);
  EXPECT_EQ(venera->preference, 10);
  EXPECT_EQ(venera->exchange, "venera.isi.edu");
  EXPECT_EQ(parse_mx("\xFF\xFF\1a\0"s)->preference, 65535);
  for (const auto& bad : {""s, "\0"s, "\0\x0A"s, "\0\x0A\6VENER"s, "\0\x0A\1a\0x"s, "\0\x0A\xC0\x0C"s}) {
    EXPECT_FALSE(parse_mx(bad));
  }
}

// RFC 7505 §3: "nomail.example.com. 86400 IN MX 0 '.'"
TEST(DnsRecords, ReadTheNullMx) {
  const auto null = parse_mx("\0\0\0"s);
  ASSERT_TRUE(null);
  EXPECT_EQ(null->preference, 0);
  EXPECT_EQ(null->exchange, "");
}

TEST(DnsRecords, ReadAddresses) {
  EXPECT_EQ(parse_a("\x0A\x01\x00\x34"s), "10.1.0.52");  // VENERA, RFC 1035 §5.3
  EXPECT_EQ(parse_a("\x0A\x01\x00"s), std::nullopt);
  EXPECT_EQ(parse_a("\x0A\x01\x00\x34\x00"s), std::nullopt);
  const std::string six = "\x43\x21\0\0\0\1\0\2\0\3\0\4\x05\x67\x89\xAB"s;  // RFC 3596 §2.5
  EXPECT_EQ(parse_aaaa(six), "4321:0:1:2:3:4:567:89ab");
  EXPECT_EQ(parse_aaaa(six.substr(1)), std::nullopt);
  EXPECT_EQ(parse_aaaa(six + '\0'), std::nullopt);
}

// RFC 7208 §3.3: "v=spf1 .... first" "second string..." is one text, without a space between.
TEST(DnsRecords, JoinTheStringsOfOneText) {
  EXPECT_EQ(parse_txt("\x11v=spf1 .... first\x10second string..."s), "v=spf1 .... firstsecond string...");
  EXPECT_EQ(parse_txt("\0"s), "");
  EXPECT_EQ(parse_txt("\0\1a\0"s), "a");
  EXPECT_EQ(parse_txt("\1\0"s), "\0"s);
  for (const auto& bad : {""s, "\1"s, "\3ab"s, "\1ab"s, "\xFF" + std::string(254, 't')}) EXPECT_FALSE(parse_txt(bad));
}

// RFC 6698 §2.3: "IN TLSA ( 0 0 1 d2abde24… )"
TEST(DnsRecords, ReadTlsa) {
  const std::string digest = "\xd2\xab\xde\x24"s + std::string(28, 'x');
  const auto whole = parse_tlsa("\0\0\1"s + digest);
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->usage, 0);
  EXPECT_EQ(whole->selector, 0);
  EXPECT_EQ(whole->matching_type, 1);
  EXPECT_EQ(whole->data, digest);
  for (const auto& bad : {""s, "\3"s, "\3\1"s, "\3\1\1"s}) {
    const auto record = parse_tlsa(bad);
    ASSERT_TRUE(record) << "those beside it count";
    EXPECT_FALSE(is_usable(*record));
  }
}

Result<std::vector<std::string>> texts(const std::vector<std::string>& rdata) {
  const std::vector<std::string_view> views(rdata.begin(), rdata.end());
  return parse_records(std::span(views), &parse_txt);
}

TEST(DnsRecords, AreAllTakenOrNone) {
  EXPECT_EQ(texts({"\1a", "\1b"}).value(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(texts({}).value(), std::vector<std::string>{});
  EXPECT_EQ(texts({"\1a", "\2b"}).error(), make_error_code(Errc::lookup_failed));
}

TEST(DnsRecords, HaveLimits) {
  EXPECT_TRUE(texts(std::vector<std::string>(max_records, "\1a")));
  EXPECT_EQ(texts(std::vector<std::string>(max_records + 1, "\1a")).error(), make_error_code(Errc::lookup_failed));
  const std::string full = "\xFF" + std::string(255, 't');
  std::string much;
  while (much.size() < max_rdata / 2) much += full;
  EXPECT_TRUE(texts({much, much}));
  EXPECT_EQ(texts({much, much, "\1a"}).error(), make_error_code(Errc::lookup_failed));
}

TEST(DnsNames, AreAskedForInLowerCase) {
  EXPECT_EQ(question_name("MX.Pod.LAB"), "mx.pod.lab");
  EXPECT_EQ(question_name("_25._tcp.mx.pod.lab"), "_25._tcp.mx.pod.lab");
  EXPECT_EQ(question_name("xn--bcher-kva.example"), "xn--bcher-kva.example");
}

TEST(DnsNames, KnowWhatCannotBe) {
  const std::string label(63, 'l');
  const std::string longest = label + '.' + label + '.' + label + '.' + std::string(61, 'l');
  EXPECT_EQ(question_name(longest), longest);
  for (const auto& bad :
       {""s, "."s, ".lab"s, "lab."s, "a..lab"s, label + "l.lab", longest + 'l', "a b"s, "a\\.b"s, "a\0b"s,
        "b\xC3\xBC"
        "cher.example"s}) {
    EXPECT_EQ(question_name(bad), std::nullopt) << bad;
  }
}

TEST(DnsNames, TurnAddressesRound) {
  EXPECT_EQ(reverse_name("10.2.0.52"), "52.0.2.10.in-addr.arpa");  // RFC 1035 §3.5
  EXPECT_EQ(reverse_name("4321:0:1:2:3:4:567:89ab"),               // RFC 3596 §2.5
            "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa");
  for (const auto& bad : {""s, "10.2.0"s, "10.2.0.256"s, "[::1]"s, "::1%lo"s, "mx.pod.lab"s}) {
    EXPECT_EQ(reverse_name(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace mailpod::net
