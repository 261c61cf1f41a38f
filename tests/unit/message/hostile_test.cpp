#include <chrono>
#include <ctime>
#include <random>

#include <gtest/gtest.h>

#include <mailpod/message/scanner.hpp>

#include "tree_text.hpp"

namespace mailpod::message {
namespace {

constexpr std::size_t megabytes = 1024 * 1024;
/// For a debug build under sanitizers on a busy machine. What is not linear needs minutes for these sizes.
constexpr std::chrono::seconds patience{15};

/// Of this process's own work: how busy the machine is beside it tells nothing.
std::chrono::duration<double> worked() {
  return std::chrono::duration<double>(static_cast<double>(std::clock()) / CLOCKS_PER_SEC);
}

std::string repeated(std::string_view piece, std::size_t total) {
  std::string out;
  out.reserve(total + piece.size());
  while (out.size() < total) out += piece;
  return out;
}

/// Scans, and insists on time, promises and a stored form that is read back.
Structure survives(const std::string& message) {
  const auto begin = worked();
  Structure structure = scan(message);
  const auto took = worked() - begin;
  EXPECT_LT(took, patience);
  EXPECT_EQ(broken_promise(structure.root), "");
  EXPECT_LE(count_parts(structure.root), 10'000U);
  const auto again = decode(encode(structure));
  EXPECT_TRUE(again && *again == structure);
  return structure;
}

constexpr std::string_view multipart = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";

TEST(Hostile, BoundaryBombStopsAtTheLimitOfParts) {
  const Structure structure = survives(std::string(multipart) + repeated("--b\r\n", 10 * megabytes));
  EXPECT_EQ(count_parts(structure.root), 10'000U);
}

TEST(Hostile, MultipartBombStopsAtTheLimitOfParts) {
  survives(std::string(multipart) +
           repeated("--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n", 4 * megabytes));
  survives(std::string(multipart) + repeated("--b\r\nContent-Type: message/rfc822\r\n\r\n\r\n", 4 * megabytes));
}

TEST(Hostile, NestingStopsAtTheLimitOfDepth) {
  const Structure messages = survives(repeated("Content-Type: message/rfc822\r\n\r\n", 1 * megabytes));
  EXPECT_EQ(count_parts(messages.root), 100U);
  std::string nested;
  for (int i = 0; i < 20'000; ++i) {
    const std::string boundary = "b" + std::to_string(100'000 + i);
    nested += "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary + "\r\n";
  }
  EXPECT_EQ(count_parts(survives(nested).root), 100U);
}

TEST(Hostile, OneHundredBoundariesThatBeginAlikeAreMatchedInLinearTime) {
  std::string message;
  for (std::size_t i = 1; i < 100; ++i) {
    const std::string boundary(900 - i, 'a');
    message += "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary + "\r\n";
  }
  survives(message + "\r\n" + repeated("--" + std::string(700, 'a') + "\r\n", 4 * megabytes));
  survives(message + "\r\n" + repeated("--a\n", 2 * megabytes));
}

TEST(Hostile, ParameterContinuationsAreLinear) {
  std::string message = "Content-Type: text/plain";
  for (int i = 100'000; i-- > 0;) message += ";\r\n name*" + std::to_string(i) + "*=x";
  survives(message + "\r\n\r\n");
  survives("Content-Type: text/plain" + repeated("; a*0=x", 10 * megabytes) + "\r\n\r\n");
  survives("Content-Type: text/plain; a=" + repeated("\"", 10 * megabytes) + "\r\n\r\n");
}

TEST(Hostile, AHeaderLineOfTenMegabytesIsCut) {
  const Structure structure = survives("Subject: " + std::string(10 * megabytes, 'x') + "\r\nTo: a@b.test\r\n\r\n");
  EXPECT_EQ(structure.envelope.subject->size(), 64 * 1024 - 1U);
  EXPECT_EQ(structure.envelope.to.size(), 1U);
}

TEST(Hostile, HalfAMillionFieldsAreCountedNotKept) {
  const std::string message = repeated("Received: x\r\n", 13 * 500'000) + "From: a@b.test\r\n\r\n";
  Scanner scanner;
  scanner.feed(message);
  const Structure structure = scanner.finish();
  EXPECT_EQ(scanner.facts().received, 500'000U);
  EXPECT_EQ(scanner.facts().fields.size(), 1000U);
  EXPECT_TRUE(scanner.facts().truncated);
  EXPECT_EQ(structure.envelope.from.size(), 1U);
}

TEST(Hostile, HalfAMillionAddressesAreCut) {
  const Structure structure = survives("To: " + repeated("a@b.test, ", 5 * megabytes) + "\r\n\r\n");
  EXPECT_EQ(structure.envelope.to.size(), 1000U);
}

TEST(Hostile, NestedCommentsAndUnterminatedQuotesAreLinear) {
  survives("From: " + std::string(2 * megabytes, '(') + "\r\n\r\n");
  survives("From: " + repeated("\"a\" <", 2 * megabytes) + "\r\n\r\n");
  const auto begin = worked();
  for (const std::string_view piece :
       {"(", "<", "\"", "a ", "a.", "@", ":", "[", ",", "<a@b> ", "g:", ";", "\\", "(a)"}) {
    parse_address_list(repeated(piece, megabytes / 2));
    parse_address_list("a" + repeated(piece, megabytes / 2));
  }
  EXPECT_LT(worked() - begin, patience);
}

TEST(Hostile, ManySmallAddressesInManyPartsTakeBoundedMemory) {
  const std::string part = "--b\r\nContent-Type: message/rfc822\r\n\r\nTo: " + repeated("a,", 4000) + "\r\n\r\nx\r\n";
  const Structure structure = survives(std::string(multipart) + repeated(part, 8 * megabytes));
  std::size_t addresses = 0;
  for (const Part& each : structure.root.children) addresses += each.envelope ? each.envelope->to.size() : 0;
  EXPECT_LT(addresses * sizeof(EnvelopeAddress), 2 * megabytes + 1);
}

/// Random texts of the pieces that matter to the parser.
std::string random_message(std::mt19937& random) {
  static const std::vector<std::string> pieces = {"--b",
                                                  "--b--",
                                                  "--bb",
                                                  "--c",
                                                  "--",
                                                  "\r\n",
                                                  "\r\n",
                                                  "\r\n",
                                                  "\n",
                                                  "\r",
                                                  "\r\n\r\n",
                                                  " ",
                                                  "x",
                                                  "Subject: y\r\n",
                                                  "Content-Type: multipart/mixed; boundary=b\r\n\r\n",
                                                  "Content-Type: multipart/digest; boundary=\"bb\"\r\n\r\n",
                                                  "Content-Type: message/rfc822\r\n\r\n",
                                                  "Content-Type: multipart/x; boundary=c\r\n",
                                                  "From: a@b, \"c\r\n",
                                                  "Content-Disposition: a; b*0*=c'd'e; b*1=f\r\n",
                                                  "To: g:h@i;\r\n",
                                                  std::string(1, '\0'),
                                                  "\xff",
                                                  "--b\r\n",
                                                  "--c\r\n"};
  std::string out = random() % 2 == 0 ? std::string(multipart) : "";
  for (auto count = random() % 60; count > 0; --count) out += pieces[random() % pieces.size()];
  return out;
}

TEST(Hostile, RandomMessagesKeepEveryPromise) {
  std::mt19937 random(20261123);  // NOLINT: the same messages in every run
  Scanner::Settings small;
  small.depth = 5;
  small.parts = 12;
  small.header_octets = 200;
  small.field_octets = 60;
  small.kept_octets = 1000;
  small.boundary_octets = 10;
  for (int i = 0; i < 20'000; ++i) {
    const std::string message = random_message(random);
    const Scanner::Settings settings = i % 2 == 0 ? small : Scanner::Settings{};
    const Structure whole = scan(message, settings);
    ASSERT_EQ(broken_promise(whole.root), "") << message;
    ASSERT_EQ(whole.root.body.end, message.size());
    ASSERT_LE(count_parts(whole.root), settings.parts);
    Scanner scanner(settings);
    for (std::size_t at = 0; at < message.size();) {
      const std::size_t size = 1 + random() % 9;
      scanner.feed(std::string_view(message).substr(at, size));
      at += size;
    }
    ASSERT_EQ(scanner.finish(), whole) << message;
    const auto again = decode(encode(whole));
    ASSERT_TRUE(again && *again == whole) << message;
  }
}

}  // namespace
}  // namespace mailpod::message
