#include <gtest/gtest.h>

#include <mailpod/http/reader.hpp>

/// How long the content of a message is: RFC 9112 §6.3, and what request smuggling is made of.
namespace mailpod::http {
namespace {

const MessageLimits limits;

Request request_with(std::string_view fields, Version version = Version::http_1_1) {
  auto request = parse_request_head("POST / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n", limits).value();
  request.version = version;
  return request;
}

struct Refused {
  const char* why;
  std::string fields;
  Errc code = Errc::malformed;
  Version version = Version::http_1_1;
};

void PrintTo(const Refused& refused, std::ostream* out) {
  *out << refused.why;
}

class RefusedFraming : public testing::TestWithParam<Refused> {};

TEST_P(RefusedFraming, IsNotGuessed) {
  const auto framing = framing_of(request_with(GetParam().fields, GetParam().version));
  ASSERT_FALSE(framing) << GetParam().fields;
  EXPECT_EQ(framing.error(), GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(
    Smuggling, RefusedFraming,
    testing::Values(Refused{"both lengths", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"},
                    Refused{"both lengths, the other way", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"},
                    Refused{"both, and the coding is none of ours", "Transfer-Encoding: gzip\r\nContent-Length: 5\r\n"},
                    Refused{"two codings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"},
                    Refused{"a coding, and chunked", "Transfer-Encoding: gzip, chunked\r\n", Errc::not_implemented},
                    Refused{"chunked twice", "Transfer-Encoding: chunked, chunked\r\n", Errc::not_implemented},
                    Refused{"chunked, and then identity", "Transfer-Encoding: chunked, identity\r\n",
                            Errc::not_implemented},
                    Refused{"identity", "Transfer-Encoding: identity\r\n", Errc::not_implemented},
                    Refused{"nothing", "Transfer-Encoding:\r\n", Errc::not_implemented},
                    Refused{"something like chunked", "Transfer-Encoding: xchunked\r\n", Errc::not_implemented},
                    Refused{"chunked with a parameter", "Transfer-Encoding: chunked;q=1\r\n", Errc::not_implemented},
                    Refused{"chunked in quotes", "Transfer-Encoding: \"chunked\"\r\n", Errc::not_implemented},
                    Refused{"chunked on 1.0", "Transfer-Encoding: chunked\r\n", Errc::malformed, Version::http_1_0},
                    Refused{"two lengths that differ", "Content-Length: 5\r\nContent-Length: 6\r\n"},
                    Refused{"two lengths that do not", "Content-Length: 5\r\nContent-Length: 5\r\n"},
                    Refused{"a list of lengths", "Content-Length: 5, 5\r\n"},
                    Refused{"a sign", "Content-Length: +5\r\n"}, Refused{"another sign", "Content-Length: -5\r\n"},
                    Refused{"hexadecimal", "Content-Length: 0x5\r\n"},
                    Refused{"an empty length", "Content-Length:\r\n"}, Refused{"a fraction", "Content-Length: 5.0\r\n"},
                    Refused{"a space within", "Content-Length: 5 0\r\n"},
                    Refused{"more than there are", "Content-Length: 18446744073709551621\r\n"}));

TEST(Framing, IsWhatTheRequestSays) {
  EXPECT_EQ(framing_of(request_with("")).value(), (Framing{Framing::Kind::none, 0}));
  EXPECT_EQ(framing_of(request_with("Content-Length: 0\r\n")).value(), (Framing{Framing::Kind::none, 0}));
  EXPECT_EQ(framing_of(request_with("Content-Length: 005\r\n")).value(), (Framing{Framing::Kind::length, 5}));
  EXPECT_EQ(framing_of(request_with("Transfer-Encoding: Chunked\r\n")).value(), (Framing{Framing::Kind::chunked, 0}));
}

TEST(Framing, OfAResponseIsItsOwnWord) {
  Response response;
  EXPECT_EQ(framing_of(response, Method::get, Version::http_1_1).error(), Errc::end_unknown);
  EXPECT_EQ(framing_of(response, Method::head, Version::http_1_1).value().kind, Framing::Kind::none);
  response.status = 304;
  EXPECT_EQ(framing_of(response, Method::get, Version::http_1_1).value().kind, Framing::Kind::none);
  response.status = 200;
  response.fields.add("Content-Length", "3");
  EXPECT_EQ(framing_of(response, Method::get, Version::http_1_1).value().length, 3U);
  EXPECT_EQ(framing_of(response, Method::head, Version::http_1_1).value().kind, Framing::Kind::none);
  response.fields.add("Transfer-Encoding", "chunked");
  EXPECT_EQ(framing_of(response, Method::get, Version::http_1_1).error(), Errc::malformed);
}

/// What it takes of `octets`, given in pieces of `piece`, and what is left.
Result<std::pair<std::string, std::string>> read_chunked(std::string_view octets, std::size_t piece,
                                                         const MessageLimits& within = limits) {
  auto reader = ContentReader::of({Framing::Kind::chunked, 0}, within).value();
  std::string waiting;
  while (!reader.is_done()) {
    if (octets.empty()) return Errc::end_unknown;
    waiting += octets.substr(0, piece);
    octets.remove_prefix(std::min(piece, octets.size()));
    const auto taken = reader.take(waiting);
    if (!taken) return taken.error();
    waiting.erase(0, *taken);
  }
  return std::pair(std::move(reader).content(), waiting + std::string(octets));
}

TEST(Chunked, IsReadInWhateverPiecesItComes) {
  const std::string octets =
      "5\r\nhello\r\n1;name=\"value\"\r\n,\r\n00A \t;x\r\n 0123456\r\n\r\n0\r\nX: y\r\n\r\nGET /";
  for (std::size_t piece = 1; piece < octets.size(); ++piece) {
    const auto read = read_chunked(octets, piece);
    ASSERT_TRUE(read) << piece;
    EXPECT_EQ(read->first, "hello, 0123456\r\n");
    EXPECT_EQ(read->second, "GET /");
  }
}

TEST(Chunked, IsRefusedWhereTwoReadersCouldDisagree) {
  for (const std::string_view octets : {"5\nhello\r\n0\r\n\r\n",
                                        "5\r\nhello\n0\r\n\r\n",
                                        "5\r\nhello0\r\n\r\n",
                                        "5\r\nhelloX\r\n0\r\n\r\n",
                                        "0x5\r\nhello\r\n0\r\n\r\n",
                                        "+5\r\nhello\r\n0\r\n\r\n",
                                        "-5\r\nhello\r\n0\r\n\r\n",
                                        " 5\r\nhello\r\n0\r\n\r\n",
                                        "5 x\r\nhello\r\n0\r\n\r\n",
                                        "5 \r\nhello\r\n0\r\n\r\n",
                                        "5\t\r\nhello\r\n0\r\n\r\n",
                                        "5;\r\nhello\r\n0\r\n\r\n",
                                        "5;;;\r\nhello\r\n0\r\n\r\n",
                                        "5;a=\r\nhello\r\n0\r\n\r\n",
                                        "5;a=\"b\r\nhello\r\n0\r\n\r\n",
                                        "\r\n\r\n",
                                        ";x\r\n\r\n",
                                        "g\r\n\r\n",
                                        "5;a\rb\r\nhello\r\n0\r\n\r\n",
                                        "5;a\nb\r\nhello\r\n0\r\n\r\n",
                                        "10000000000000005\r\nhello\r\n0\r\n\r\n",
                                        "0\r\nX\r\n\r\n",
                                        "0\r\n X: y\r\n\r\n",
                                        "0\r\nX: y\n\r\n",
                                        "0\r\nX : y\r\n\r\n"}) {
    const auto read = read_chunked(octets, octets.size());
    EXPECT_FALSE(read) << octets;
    if (!read) {
      EXPECT_EQ(read.error(), Errc::malformed) << octets;
    }
  }
}

TEST(Chunked, HasNoMoreContentThanItMay) {
  MessageLimits small;
  small.content = 8;
  EXPECT_TRUE(read_chunked("4\r\nabcd\r\n4\r\nefgh\r\n0\r\n\r\n", 3, small));
  EXPECT_EQ(read_chunked("4\r\nabcd\r\n5\r\nefghi\r\n0\r\n\r\n", 3, small).error(), Errc::content_too_large);
  EXPECT_EQ(read_chunked("fffffffffffffff\r\n", 3, small).error(), Errc::content_too_large);
  EXPECT_EQ(ContentReader::of({Framing::Kind::length, 9}, small).error(), Errc::content_too_large);
}

TEST(Chunked, HasNoLineWithoutEnd) {
  const auto endless = read_chunked("1;" + std::string(300, 'x'), 7);
  ASSERT_FALSE(endless);
  EXPECT_EQ(endless.error(), Errc::malformed);
}

TEST(Chunked, CostsNoMoreThanItBrings) {
  std::string octets;
  for (int i = 0; i < 10'000; ++i) octets += "1;" + std::string(100, 'x') + "\r\na\r\n";
  EXPECT_EQ(read_chunked(octets, 4096).error(), Errc::content_too_large);
}

TEST(Chunked, HasNoMoreTrailerThanAHeadHas) {
  MessageLimits small;
  small.head = 64;
  EXPECT_TRUE(read_chunked("0\r\nX: y\r\n\r\n", 1, small));
  EXPECT_EQ(read_chunked("0\r\nX: " + std::string(64, 'y'), 16, small).error(), Errc::head_too_large);
}

}  // namespace
}  // namespace mailpod::http
