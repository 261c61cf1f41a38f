#include "unstructured.hpp"

#include <utility>

#include <mailpod/message/header_values.hpp>
#include <mailpod/text/ascii.hpp>
#include <mailpod/text/encoded_words.hpp>

#include "lexer.hpp"

namespace mailpod::message {

std::string unfolded(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (const char octet : value) {
    if (octet != '\r' && octet != '\n' && octet != '\0') out += octet;
  }
  return std::string(text::trim(out));
}

std::string decode_header_value(std::string_view value) {
  std::string out = text::decode_encoded_words(unfolded(value));
  // An encoded word may hold line ends and other controls, which no reader of a decoded value expects.
  for (char& octet : out) {
    if (text::octets::ctl.contains(octet)) octet = ' ';
  }
  return std::string(text::trim(out));
}

void each_message_id(std::string_view value, const std::function<void(std::string)>& take) {
  text::Cursor in(value);
  while (true) {
    in.take_until(text::OctetSet("<"));
    if (!in.take('<')) return;
    const auto raw = in.take_until(text::OctetSet("<>"));
    if (!in.take('>')) continue;  // `<a <b>`: the inner bracket begins anew
    std::string id;
    for (const char octet : raw) {
      if (!octets::fws.contains(octet) && octet != '\0') id += octet;
    }
    if (!id.empty()) take(std::move(id));
  }
}

std::vector<std::string> parse_message_ids(std::string_view value, std::size_t max) {
  std::vector<std::string> ids;
  each_message_id(value, [&](std::string id) {
    if (ids.size() < max) ids.push_back(std::move(id));
  });
  return ids;
}

}  // namespace mailpod::message
