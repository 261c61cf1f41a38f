#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <mailpod/http/fields.hpp>
#include <mailpod/http/path.hpp>

namespace mailpod::http {

/// RFC 9110 §9, RFC 5789.
enum class Method { get, head, post, put, patch, delete_resource, options, trace, connect };

/// As a request line has it; nothing for a method that nobody here knows. They are case-sensitive.
std::optional<Method> parse_method(std::string_view text);
std::string_view write_method(Method method);

/// Of HTTP/1.x; a higher one of the same major version is 1.1 to us (RFC 9110 §6.2).
enum class Version { http_1_0, http_1_1 };

struct Request {
  Method method = Method::get;
  Version version = Version::http_1_1;
  std::string host;  ///< lower case, without port and final dot; an IPv6 address in its brackets
  Path path;
  std::string query;  ///< what follows `?`, as it was written
  Fields fields;
  std::string content;
};

struct Response {
  unsigned status = 200;
  Fields fields;
  std::string content;
};

/// The words that go with a status code; empty for one that we have no words for. RFC 9110 §15.
std::string_view reason_phrase(unsigned status);

}  // namespace mailpod::http
