#include <mailpod/text/domain.hpp>

#include <gtest/gtest.h>

namespace mailpod::text {
namespace {

TEST(Domain, InAsciiIsOnlyPutIntoLowerCase) {
  EXPECT_EQ(to_ascii_domain("Pod.LAB"), "pod.lab");
  EXPECT_EQ(to_ascii_domain("a_b.example"), "a_b.example");
}

TEST(Domain, OfOtherLettersHasOneName) {
  EXPECT_EQ(to_ascii_domain("b\xc3\xbc"
                            "cher.example"),
            "xn--bcher-kva.example");
  EXPECT_EQ(to_ascii_domain("B\xc3\x9c"
                            "CHER.Example"),
            "xn--bcher-kva.example");
  EXPECT_EQ(to_ascii_domain("bu\xcc\x88"
                            "cher.example"),
            "xn--bcher-kva.example")
      << "decomposed";
  EXPECT_EQ(to_ascii_domain("fa\xc3\x9f.example"), "xn--fa-hia.example") << "IDNA 2008, not 2003";
}

TEST(Domain, ThatCannotBeIsNone) {
  for (const std::string& name : {std::string("\xff.example"),
                                  std::string("a\xe2\x80\x8b"
                                              "b\xc3\xbc..example"),
                                  std::string("\xc3\xbc_a.example"), std::string("-\xc3\xbc.example"),
                                  std::string("\xd7\x90"
                                              "a\xc3\xbc.example")}) {
    EXPECT_FALSE(to_ascii_domain(name)) << name;
  }
  std::string name;
  while (name.size() < 200) name += "\xc3\xbc";
  EXPECT_FALSE(to_ascii_domain(name + ".example")) << "a label longer than 63 octets";
}

}  // namespace
}  // namespace mailpod::text
