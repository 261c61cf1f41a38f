#include "header_words.hpp"

#include <algorithm>
#include <array>

#include <mailpod/message/header_edit.hpp>
#include <mailpod/message/header_values.hpp>
#include <mailpod/text/ascii.hpp>
#include <mailpod/text/encoded_words.hpp>
#include <mailpod/text/unicode.hpp>

#include "header_reader.hpp"
#include "lexer.hpp"

namespace mailpod::message {

namespace {

constexpr std::array<std::string_view, 3> unstructured{"Subject", "Comments", "Content-Description"};
constexpr std::array<std::string_view, 11> addresses{"From",      "Sender",    "Reply-To",    "To",
                                                     "Cc",        "Bcc",       "Resent-From", "Resent-Sender",
                                                     "Resent-To", "Resent-Cc", "Resent-Bcc"};

bool is_one_of(const auto& names, std::string_view name) {
  return std::ranges::any_of(names, [&](std::string_view one) { return text::equal_fold(one, name); });
}

std::string quoted(std::string_view words) {
  std::string out = "\"";
  for (const char octet : words) {
    if (octet == '"' || octet == '\\') out += '\\';
    out += octet;
  }
  return out + '"';
}

std::optional<std::string> address_words(std::string_view value) {
  // The text of a comment has no place in what is parsed.
  if (value.find('(') != std::string_view::npos) return std::nullopt;
  const AddressList list = parse_address_list(value);
  if (!list.well_formed || list.has_group || list.truncated || list.addresses.empty()) return std::nullopt;
  std::string out;
  for (const Address& each : list.addresses) {
    const std::string address = each.address();
    if (!text::is_ascii(address)) return std::nullopt;
    if (!out.empty()) out += ", ";
    if (each.name.empty()) {
      out += address;
      continue;
    }
    out += text::is_ascii(each.name) ? quoted(each.name) : text::write_encoded_words(each.name);
    out += " <" + address + ">";
  }
  return out;
}

}  // namespace

std::optional<std::string> with_encoded_words(std::string_view field) {
  const auto name = field_name(field);
  if (!name) return std::nullopt;
  std::string value(field.substr(field.find(':') + 1));
  if (!text::is_utf8(value) || value.find('\0') != std::string::npos) return std::nullopt;
  std::erase_if(value, [](char octet) { return octet == '\r' || octet == '\n'; });

  std::optional<std::string> words;
  if (is_one_of(unstructured, *name)) words = text::write_encoded_words(decode_header_value(text::trim(value)));
  if (is_one_of(addresses, *name)) words = address_words(value);
  if (!words || !text::is_ascii(*words)) return std::nullopt;
  return write_field(*name, *words);
}

}  // namespace mailpod::message
