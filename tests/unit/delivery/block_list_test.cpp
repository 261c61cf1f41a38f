#include "block_lists.hpp"

#include <gtest/gtest.h>

namespace mailpod::delivery {
namespace {

using mailauth::DnsAnswer;
using mailauth::DnsQuestion;
using mailauth::DnsTable;

void put(DnsTable& dns, const std::string& name, const std::vector<std::string>& records) {
  dns.put({DnsQuestion::Type::a, name}, records.empty() ? DnsAnswer{DnsAnswer::Outcome::no_such_name, {}}
                                                        : DnsAnswer{DnsAnswer::Outcome::found, records});
}

TEST(BlockLists, AreReadAsTheyAreWritten) {
  for (const char* text :
       {"zen.example.org 4", "list.example.org -2 127.0.10.0-127.0.10.255 127.0.2.1", "a_b.c 10 127.255.255.255"}) {
    const auto list = parse_block_list(text);
    ASSERT_TRUE(list) << text;
    EXPECT_EQ(write_block_list(*list), text);
  }
  EXPECT_EQ(write_block_list(*parse_block_list(" ZEN.example.org  +4 ")), "zen.example.org 4");
  for (const char* text : {"", "zen.example.org", "zen 4", "zen.example.org 0", "zen.example.org 11", "zen..org 4",
                           ".zen.org 4", "zen.org. 4", "z n.org 4", "zen.example.org 4x", "zen.example.org 4 10.0.0.1",
                           "zen.example.org 4 127.0.0.9-127.0.0.2", "zen.example.org 4 -", "bö.org 4"})
    EXPECT_FALSE(parse_block_list(text)) << text;
}

// RFC 5782 §2.1, §2.4
TEST(BlockLists, AreAskedByTheAddressBackwards) {
  EXPECT_EQ(block_list_name("z.example", "192.0.2.99"), "99.2.0.192.z.example");
  EXPECT_EQ(block_list_name("z.example", "::ffff:192.0.2.99"), "99.2.0.192.z.example");
  EXPECT_EQ(block_list_name("z.example", "2001:db8:1:2:3:4:567:89ab"),
            "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.z.example");
  EXPECT_FALSE(block_list_name("z.example", "nonsense"));
  EXPECT_FALSE(block_list_name("z.example", ""));
}

TEST(BlockLists, CountWhatTheyAreAskedFor) {
  const std::vector<BlockList> lists{*parse_block_list("bad.example 4"), *parse_block_list("worse.example 3 127.0.0.4"),
                                     *parse_block_list("good.example -2")};
  DnsTable dns;
  EXPECT_EQ(listing_of(lists, "192.0.2.1", dns).score, 0) << "nobody has answered";
  EXPECT_EQ(dns.take_missing().size(), 6U);
  put(dns, "1.2.0.192.bad.example", {"127.0.0.2"});
  put(dns, "1.2.0.192.worse.example", {"127.0.0.3", "127.0.0.4"});
  put(dns, "1.2.0.192.good.example", {"127.0.0.2"});
  const auto listing = listing_of(lists, "192.0.2.1", dns);
  EXPECT_EQ(listing.score, 5);
  EXPECT_EQ(listing.by, (std::vector<std::string>{"bad.example", "worse.example"}));
  put(dns, "1.2.0.192.worse.example", {"127.0.0.3"});
  EXPECT_EQ(listing_of(lists, "192.0.2.1", dns).score, 2) << "another code";
  put(dns, "1.2.0.192.bad.example", {"203.0.113.7"});
  EXPECT_EQ(listing_of(lists, "192.0.2.1", dns).score, -2) << "whoever owns the zone now answers everything";
  put(dns, "1.2.0.192.bad.example", {"127.255.255.254"});
  EXPECT_EQ(listing_of(lists, "192.0.2.1", dns).score, -2) << "it refuses to answer this resolver";
  dns.put({DnsQuestion::Type::a, "1.2.0.192.good.example"}, {});
  EXPECT_EQ(listing_of(lists, "192.0.2.1", dns).score, 0) << "it does not answer at all";
}

// RFC 5782 §5
TEST(BlockLists, ThatListEverybodyCountNothing) {
  const std::vector<BlockList> lists{*parse_block_list("bad.example 4")};
  DnsTable dns;
  for (const char* code : {"127.0.0.0", "127.0.0.1", "127.0.3.1"}) {
    put(dns, "1.2.0.192.bad.example", {code});
    EXPECT_EQ(listing_of(lists, "192.0.2.1", dns).score, 0) << code;
  }
  put(dns, "1.2.0.192.bad.example", {"127.0.0.2"});
  EXPECT_EQ(listing_of(lists, "192.0.2.1", dns).score, 4);
  put(dns, "1.0.0.127.bad.example", {"127.0.0.2"});
  EXPECT_EQ(listing_of(lists, "192.0.2.1", dns).score, 0) << "it lists what no list may";
}

}  // namespace
}  // namespace mailpod::delivery
