#include <mailpod/message/header_fields.hpp>

#include <mailpod/text/ascii.hpp>

namespace mailpod::message {
namespace {

std::size_t line_length(std::string_view octets) {
  const auto end = octets.find('\n');
  return end == std::string_view::npos ? octets.size() : end + 1;
}

}  // namespace

bool take_field(std::string_view& header, SpelledField& field) {
  if (header.empty() || header.starts_with("\r\n") || header.starts_with('\n')) return false;
  auto length = line_length(header);
  while (length < header.size() && (header[length] == ' ' || header[length] == '\t')) {
    length += line_length(header.substr(length));
  }
  field.whole = header.substr(0, length);
  header.remove_prefix(length);
  const auto colon = field.whole.find(':');
  if (colon == std::string_view::npos) {
    field.name = {};
    field.value = field.whole;
  } else {
    field.name = text::trim(field.whole.substr(0, colon));
    field.value = field.whole.substr(colon + 1);
  }
  return true;
}

}  // namespace mailpod::message
