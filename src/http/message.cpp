#include <mailpod/http/message.hpp>

namespace mailpod::http {
namespace {

struct MethodRow {
  Method method;
  std::string_view name;
};
constexpr MethodRow methods[] = {
    {Method::get, "GET"},         {Method::head, "HEAD"},   {Method::post, "POST"},
    {Method::put, "PUT"},         {Method::patch, "PATCH"}, {Method::delete_resource, "DELETE"},
    {Method::options, "OPTIONS"}, {Method::trace, "TRACE"}, {Method::connect, "CONNECT"},
};

struct Phrase {
  unsigned status;
  std::string_view words;
};
constexpr Phrase phrases[] = {
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
};

}  // namespace

std::optional<Method> parse_method(std::string_view text) {
  for (const auto& row : methods) {
    if (row.name == text) return row.method;
  }
  return std::nullopt;
}

std::string_view write_method(Method method) {
  for (const auto& row : methods) {
    if (row.method == method) return row.name;
  }
  return {};
}

std::string_view reason_phrase(unsigned status) {
  for (const auto& row : phrases) {
    if (row.status == status) return row.words;
  }
  return {};
}

}  // namespace mailpod::http
