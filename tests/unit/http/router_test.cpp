#include <mailpod/http/router.hpp>

#include <stdexcept>

#include <gtest/gtest.h>

#include <mailpod/http/writer.hpp>

namespace mailpod::http {
namespace {

Router table() {
  return Router({{Method::get, "/", nullptr},
                 {Method::get, "/a/{file}", nullptr},
                 {Method::post, "/a/{file}", nullptr},
                 {Method::get, "/t/{tile...}", nullptr},
                 {Method::post, "/only", nullptr}});
}

std::string_view found(Method method, std::string_view path) {
  static const Router router = table();
  const auto row = router.find(method, parse_path(path).value());
  return row.route != nullptr ? row.route->path : "";
}

TEST(Router, FindsTheRow) {
  EXPECT_EQ(found(Method::get, "/"), "/");
  EXPECT_EQ(found(Method::head, "/a/b"), "/a/{file}");
  EXPECT_EQ(found(Method::get, "/t/1/x001/234"), "/t/{tile...}");
  for (const char* other : {"/a", "/a/", "/a/b/c", "/t", "/b", "/A/b"})
    EXPECT_EQ(found(Method::get, other), "") << other;
}

TEST(Router, GivesWhatStandsInPlaceOfNames) {
  const Router router = table();
  EXPECT_EQ(router.find(Method::get, parse_path("/t/0/x001/234").value()).captured,
            (std::vector<std::string>{"0", "x001", "234"}));
  EXPECT_EQ(router.find(Method::post, parse_path("/a/b%20c").value()).captured, (std::vector<std::string>{"b c"}));
}

TEST(Router, SaysWhatElseIsAllowed) {
  const Router router = table();
  EXPECT_EQ(router.find(Method::delete_resource, parse_path("/a/b").value()).allowed, "GET, HEAD, POST");
  EXPECT_EQ(router.find(Method::get, parse_path("/only").value()).allowed, "POST");
  EXPECT_EQ(router.find(Method::get, parse_path("/none").value()).allowed, "");
}

TEST(Router, TakesNoPathThatIsNone) {
  EXPECT_THROW(Router({{Method::get, "a", nullptr}}), std::invalid_argument);
  EXPECT_THROW(Router({{Method::get, "/{a...}/b", nullptr}}), std::invalid_argument);
}

TEST(Fields, HoldNothingThatEndsALine) {
  Fields fields;
  EXPECT_THROW(fields.add("X", "a\r\nSet-Cookie: b"), std::invalid_argument);
  EXPECT_THROW(fields.add("X", "a\nb"), std::invalid_argument);
  EXPECT_THROW(fields.add("X:", "a"), std::invalid_argument);
  EXPECT_THROW(fields.add("", "a"), std::invalid_argument);
  fields.add("Connection", "keep-alive, Close");
  EXPECT_TRUE(fields.lists("connection", "close"));
  EXPECT_FALSE(fields.lists("connection", "clos"));
}

TEST(Writer, SaysHowLongTheContentIs) {
  Response response{200, {}, "hello"};
  response.fields.add("Content-Length", "7");
  response.fields.add("Transfer-Encoding", "chunked");
  EXPECT_EQ(write_response_head(response), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(write_response_head({304, {}, {}}), "HTTP/1.1 304 Not Modified\r\n\r\n");
}

TEST(Writer, WritesDatesAsTheRfcDoes) {
  // RFC 9110 §5.6.7
  EXPECT_EQ(write_date(base::from_seconds(784111777)), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(Writer, FindsEntityTags) {
  EXPECT_TRUE(lists_entity_tag("\"a\", \"b\"", "\"b\""));
  EXPECT_TRUE(lists_entity_tag("W/\"b\"", "\"b\""));
  EXPECT_TRUE(lists_entity_tag("*", "\"b\""));
  EXPECT_FALSE(lists_entity_tag("\"ab\"", "\"b\""));
  EXPECT_FALSE(lists_entity_tag("", "\"b\""));
}

}  // namespace
}  // namespace mailpod::http
