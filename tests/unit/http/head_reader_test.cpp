#include <gtest/gtest.h>

#include <mailpod/http/reader.hpp>

/// What is a request, and what is none: there is one way to read each, or none.
namespace mailpod::http {
namespace {

const MessageLimits limits;

struct Refused {
  const char* why;
  std::string head;
  Errc code = Errc::malformed;
};

void PrintTo(const Refused& refused, std::ostream* out) {
  *out << refused.why;
}

class RefusedHead : public testing::TestWithParam<Refused> {};

TEST_P(RefusedHead, IsNoRequest) {
  const auto request = parse_request_head(GetParam().head, limits);
  ASSERT_FALSE(request) << GetParam().head;
  EXPECT_EQ(request.error(), GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(
    StartLine, RefusedHead,
    testing::Values(Refused{"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"},
                    Refused{"a space within the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"},
                    Refused{"a tab for a space", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"},
                    Refused{"no version", "GET /\r\nHost: a\r\n\r\n"}, Refused{"HTTP/0.9", "GET /\r\n\r\n"},
                    Refused{"a version in lower case", "GET / http/1.1\r\nHost: a\r\n\r\n"},
                    Refused{"a version with more digits", "GET / HTTP/1.10\r\nHost: a\r\n\r\n"},
                    Refused{"a space behind the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"},
                    Refused{"a method that is no token", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n"},
                    Refused{"a space before the method", " GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
                    Refused{"a path that does not begin with a slash", "GET a HTTP/1.1\r\nHost: a\r\n\r\n"},
                    Refused{"an asterisk where no OPTIONS is", "GET * HTTP/1.1\r\nHost: a\r\n\r\n"},
                    Refused{"a fragment", "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n"},
                    Refused{"a path that climbs", "GET /a/../b HTTP/1.1\r\nHost: a\r\n\r\n"},
                    Refused{"a path that climbs behind its escapes", "GET /a/%2e%2E/b HTTP/1.1\r\nHost: a\r\n\r\n"},
                    Refused{"a slash behind its escape", "GET /a%2fb HTTP/1.1\r\nHost: a\r\n\r\n"},
                    Refused{"a backslash behind its escape", "GET /a%5cb HTTP/1.1\r\nHost: a\r\n\r\n"},
                    Refused{"a NUL behind its escape", "GET /a%00 HTTP/1.1\r\nHost: a\r\n\r\n"},
                    Refused{"half an escape", "GET /a%2 HTTP/1.1\r\nHost: a\r\n\r\n"},
                    Refused{"an empty segment", "GET //a HTTP/1.1\r\nHost: a\r\n\r\n"},
                    Refused{"an octet beyond ASCII", "GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n"},
                    Refused{"HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\n", Errc::version_unknown},
                    Refused{"HTTP/3", "GET / HTTP/3.0\r\nHost: a\r\n\r\n", Errc::version_unknown},
                    Refused{"CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", Errc::not_implemented},
                    Refused{"a method that nobody knows", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", Errc::not_implemented},
                    Refused{"a method in lower case", "get / HTTP/1.1\r\nHost: a\r\n\r\n", Errc::not_implemented}));

INSTANTIATE_TEST_SUITE_P(
    Fields, RefusedHead,
    testing::Values(Refused{"no host", "GET / HTTP/1.1\r\n\r\n"}, Refused{"no host on 1.0", "GET / HTTP/1.0\r\n\r\n"},
                    Refused{"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"},
                    Refused{"an empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"},
                    Refused{"two hosts in one", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"},
                    Refused{"a host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
                    Refused{"a host with a user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"},
                    Refused{"a host with a port that is none", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n"},
                    Refused{"another host in the target", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"},
                    Refused{"another port in the target", "GET http://a:81/ HTTP/1.1\r\nHost: a:82\r\n\r\n"},
                    Refused{"no port where the target has one", "GET https://a:80/ HTTP/1.1\r\nHost: a\r\n\r\n"},
                    Refused{"a folded field", "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n"},
                    Refused{"a folded first field", "GET / HTTP/1.1\r\n Host: a\r\nHost: a\r\n\r\n"},
                    Refused{"a space before the colon", "GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n"},
                    Refused{"no colon", "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n"},
                    Refused{"no name", "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n"},
                    Refused{"a CR within a value", "GET / HTTP/1.1\r\nHost: a\r\nX: b\rc\r\n\r\n"},
                    Refused{"a LF within a value", "GET / HTTP/1.1\r\nHost: a\r\nX: b\nY: c\r\n\r\n"},
                    Refused{"lines that end in LF", "GET / HTTP/1.1\nHost: a\n\n"},
                    Refused{"a NUL", std::string("GET / HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n", 35)},
                    Refused{"a control character", "GET / HTTP/1.1\r\nHost: a\r\nX: b\x01\r\n\r\n"},
                    Refused{"something behind its end", "GET / HTTP/1.1\r\nHost: a\r\n\r\nX"}));

TEST(RequestHead, IsReadAsItIsWritten) {
  const auto request = parse_request_head(
      "GET /a/b%20c/?q=%41&r HTTP/1.1\r\nHost: Pod.LAB:8080\r\nX-Empty:\r\nX-Spaced: \t b  c \t\r\nx-spaced: d\r\n\r\n",
      limits);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->method, Method::get);
  EXPECT_EQ(request->version, Version::http_1_1);
  EXPECT_EQ(request->host, "pod.lab");
  EXPECT_EQ(request->path.segments, (std::vector<std::string>{"a", "b c", ""}));
  EXPECT_EQ(request->path.str(), "/a/b%20c/");
  EXPECT_EQ(request->query, "q=%41&r");
  EXPECT_EQ(*request->fields.find("X-EMPTY"), "");
  EXPECT_EQ(*request->fields.find("x-spaced"), "b  c");
  EXPECT_EQ(request->fields.count("X-Spaced"), 2U);
}

TEST(RequestHead, MayNameTheHostInItsTarget) {
  const auto request = parse_request_head("GET HTTP://pod.lab./x HTTP/1.1\r\nHost: pod.lab\r\n\r\n", limits);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->host, "pod.lab");
  EXPECT_EQ(request->path.str(), "/x");
}

TEST(RequestHead, MayComeFromAnAddress) {
  const auto request = parse_request_head("GET / HTTP/1.1\r\nHost: [2001:DB8::1]:443\r\n\r\n", limits);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->host, "[2001:db8::1]");
}

TEST(RequestHead, IsOneOfOurVersionWhereItsMinorIsHigher) {
  const auto request = parse_request_head("GET / HTTP/1.7\r\nHost: a\r\n\r\n", limits);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->version, Version::http_1_1);
}

TEST(RequestHead, HasNoMoreFieldsThanItMay) {
  MessageLimits few;
  few.fields = 2;
  EXPECT_TRUE(parse_request_head("GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n\r\n", few));
  const auto more = parse_request_head("GET / HTTP/1.1\r\nHost: a\r\nX: b\r\nY: c\r\n\r\n", few);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error(), Errc::head_too_large);
}

TEST(HeadEnd, IsFoundWhereverTheOctetsArePut) {
  const std::string octets = "GET / HTTP/1.1\r\nHost: a\r\n\r\nrest";
  for (std::size_t looked_at = 0; looked_at < octets.size() - 4; ++looked_at) {
    const auto before = find_head_end(std::string_view(octets).substr(0, looked_at), 0, limits);
    ASSERT_TRUE(before);
    EXPECT_FALSE(before->has_value());
    const auto end = find_head_end(octets, looked_at, limits);
    ASSERT_TRUE(end);
    EXPECT_EQ(*end, octets.size() - 4);
  }
}

TEST(HeadEnd, IsNotWaitedForBehindABareLineFeed) {
  const auto end = find_head_end("GET / HTTP/1.1\nHost: a\n", 0, limits);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error(), Errc::malformed);
}

TEST(HeadEnd, IsNotWaitedForBeyondTheLimits) {
  MessageLimits small;
  small.start_line = 20;
  small.head = 40;
  EXPECT_TRUE(find_head_end("GET /aaaaa HTTP/1.1\r\n", 0, small));
  const auto long_line = find_head_end("GET /aaaaaaa HTTP/1.1\r\n", 0, small);
  ASSERT_FALSE(long_line);
  EXPECT_EQ(long_line.error(), Errc::target_too_long);
  const auto long_head = find_head_end("GET / HTTP/1.1\r\nX: bbbbbbbbbbbbbbbbbbbbbbbbb", 0, small);
  ASSERT_FALSE(long_head);
  EXPECT_EQ(long_head.error(), Errc::head_too_large);
  EXPECT_EQ(find_head_end("GET / HTTP/1.1\r\nX: bbbbbbbbbbbbbbbbbbbbbbbbb\r\n\r\n", 0, small).error(),
            Errc::head_too_large);
}

TEST(ResponseHead, IsReadAsItIsWritten) {
  const auto response = parse_response_head("HTTP/1.1 404 Not Found\r\nX: y\r\n\r\n", limits);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 404U);
  EXPECT_EQ(*response->fields.find("x"), "y");
  EXPECT_TRUE(parse_response_head("HTTP/1.0 200 \r\n\r\n", limits));
}

TEST(ResponseHead, IsRefusedWhereItIsNone) {
  for (const char* head :
       {"HTTP/1.1 200\r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 +20 OK\r\n\r\n", "HTTP/1.1 600 OK\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n", "ICY 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\n\n", "HTTP/1.1 200 OK\r\n X: y\r\n\r\n", "HTTP/1.1 200 OK\r\nX : y\r\n\r\n"})
    EXPECT_FALSE(parse_response_head(head, limits)) << head;
}

}  // namespace
}  // namespace mailpod::http
