#include "page.hpp"

#include <fmt/format.h>

#include <mailpod/base/bytes.hpp>
#include <mailpod/crypto/digest.hpp>

namespace mailpod::web {

http::Response content(std::string octets, std::string_view media_type, std::string_view caching) {
  http::Response response;
  response.fields.add("Content-Type", media_type);
  response.fields.add("Cache-Control", caching);
  const auto digest = crypto::sha256(octets);
  response.fields.add("ETag", fmt::format("\"{}\"", base::hex(base::octets(digest).substr(0, 16))));
  // A page that somebody's browser shows runs nothing, fetches nothing and is framed by nobody.
  if (media_type == media::html)
    response.fields.add("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'");
  response.content = std::move(octets);
  return response;
}

http::Response refusal(unsigned status) {
  http::Response response{status, {}, fmt::format("{} {}\n", status, http::reason_phrase(status))};
  response.fields.add("Content-Type", media::text);
  return response;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char octet : text) {
    switch (octet) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += octet;
    }
  }
  return out;
}

}  // namespace mailpod::web
