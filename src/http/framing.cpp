#include <charconv>

#include <mailpod/http/reader.hpp>
#include <mailpod/text/ascii.hpp>

#include "grammar.hpp"

namespace mailpod::http {
namespace {

/// 1*DIGIT, no sign, no list, no more than any content has. RFC 9110 §8.6
std::optional<std::uint64_t> parse_length(std::string_view text) {
  constexpr std::size_t most_digits = 18;
  std::uint64_t length = 0;
  if (text.empty() || text.size() > most_digits || !all_of(text, text::octets::digit)) return std::nullopt;
  std::from_chars(text.data(), text.data() + text.size(), length);
  return length;
}

/// What its fields say; nothing where they say nothing.
Result<std::optional<Framing>> framing_said(const Fields& fields, Version version) {
  const auto codings = fields.count("transfer-encoding");
  const auto lengths = fields.count("content-length");
  if (codings > 0) {
    // Who says a length as well wants two readers to see two messages. RFC 9112 §6.1, §6.3
    if (lengths > 0 || codings > 1 || version == Version::http_1_0) return Errc::malformed;
    if (!text::equal_fold(*fields.find("transfer-encoding"), "chunked")) return Errc::not_implemented;
    return std::optional<Framing>({Framing::Kind::chunked});
  }
  if (lengths == 0) return std::optional<Framing>();
  const auto length = lengths == 1 ? parse_length(*fields.find("content-length")) : std::nullopt;
  if (!length) return Errc::malformed;
  if (*length == 0) return std::optional<Framing>(Framing{});
  return std::optional<Framing>({Framing::Kind::length, *length});
}

}  // namespace

Result<Framing> framing_of(const Request& request) {
  const auto said = framing_said(request.fields, request.version);
  if (!said) return said.error();
  return said->value_or(Framing{});
}

Result<Framing> framing_of(const Response& response, Method asked, Version version) {
  const auto said = framing_said(response.fields, version);
  if (!said) return said.error();
  const bool never_any = response.status < 200 || response.status == 204 || response.status == 304;
  if (asked == Method::head || never_any) return Framing{};
  if (!*said) return Errc::end_unknown;
  return **said;
}

}  // namespace mailpod::http
