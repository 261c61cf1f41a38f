#include <mailpod/transfer/line_ends.hpp>

#include <gtest/gtest.h>

namespace mailpod::transfer {
namespace {

struct Lf {
  std::string octets;
  bool reversible;
};

Lf to_lf(std::string_view text, std::size_t step) {
  LinesToLf lines;
  Lf out;
  for (std::size_t at = 0; at < text.size(); at += step) lines.convert(text.substr(at, step), out.octets);
  lines.finish(out.octets);
  out.reversible = lines.reversible();
  return out;
}

std::string to_crlf(std::string_view text, std::size_t step) {
  LinesToCrlf lines;
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += step) lines.convert(text.substr(at, step), out);
  return out;
}

TEST(LineEnds, MailComesBackFromUnixAsItWas) {
  for (const std::string text : {"", "a", "a\r\n", "a\r\n\r\nb", "\r\n", "a\rb\r\n", "a\r", "\r\ra\r\n"}) {
    for (std::size_t step = 1; step < 5; ++step) {
      const auto lf = to_lf(text, step);
      EXPECT_TRUE(lf.reversible) << text;
      EXPECT_EQ(lf.octets.find("\r\n"), std::string::npos) << text;
      EXPECT_EQ(to_crlf(lf.octets, step), text);
    }
  }
}

TEST(LineEnds, WhatDoesNotComeBackIsKnown) {
  for (const std::string text : {"a\n", "a\r\nb\nc\r\n", "a\r\r\n", "\n"}) {
    for (std::size_t step = 1; step < 5; ++step) EXPECT_FALSE(to_lf(text, step).reversible) << text;
  }
}

TEST(LineEnds, ALineThatEndsInCrlfAlreadyStaysSo) {
  for (std::size_t step = 1; step < 5; ++step) EXPECT_EQ(to_crlf("a\r\nb\nc", step), "a\r\nb\r\nc");
}

}  // namespace
}  // namespace mailpod::transfer
