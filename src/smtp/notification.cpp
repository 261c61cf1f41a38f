#include "notification.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <mailpod/text/ascii.hpp>
#include <mailpod/text/cursor.hpp>

namespace mailpod::smtp {

using text::Cursor;
using text::OctetSet;

namespace {

// RFC 3461 §4: xchar; hexchar has capital digits only.
constexpr OctetSet plain_xtext = text::octets::vchar - OctetSet("+=");
constexpr OctetSet hex_digit = text::octets::digit | OctetSet("ABCDEF");

unsigned value_of(char digit) {
  return static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'A' + 10);
}

/// Not empty, and nothing in it that could not be printed: reports show it.
bool is_printable_xtext(Cursor in, const OctetSet& plain = plain_xtext) {
  if (in.at_end()) return false;
  while (!in.at_end()) {
    if (!in.take_while(plain).empty()) continue;
    if (!in.take('+')) return false;
    const auto high = in.take_one(hex_digit);
    const auto low = high ? in.take_one(hex_digit) : std::nullopt;
    if (!low) return false;
    const unsigned octet = value_of(*high) * 16 + value_of(*low);
    if (octet < 0x20 || octet > 0x7e) return false;
  }
  return true;
}

using Notify = RecipientParameters::Notify;
constexpr std::array<std::pair<std::string_view, bool Notify::*>, 3> notify_words{{
    {"SUCCESS", &Notify::success},
    {"FAILURE", &Notify::failure},
    {"DELAY", &Notify::delay},
}};

}  // namespace

std::optional<MailParameters::Return> parse_return(std::string_view value) {
  if (text::equal_fold(value, "FULL")) return MailParameters::Return::full;
  if (text::equal_fold(value, "HDRS")) return MailParameters::Return::headers;
  return std::nullopt;
}

bool is_envelope_id(std::string_view value) {
  return value.size() <= longest_envelope_id && is_printable_xtext(Cursor(value));
}

std::optional<Notify> parse_notify(std::string_view value) {
  Notify notify;
  if (text::equal_fold(value, "NEVER")) {
    notify.never = true;
    return notify;
  }
  Cursor in(value);
  do {
    const std::string_view word = in.take_while(text::octets::alpha);
    const auto* const known =
        std::ranges::find_if(notify_words, [&](const auto& row) { return text::equal_fold(row.first, word); });
    if (known == notify_words.end() || notify.*(known->second)) return std::nullopt;
    notify.*(known->second) = true;
  } while (in.take(','));
  if (!in.at_end()) return std::nullopt;
  return notify;
}

bool is_original_recipient(std::string_view value, OriginalAddress octets) {
  if (value.size() > longest_original_recipient) return false;
  Cursor in(value);
  const std::string_view type = in.take_while(text::octets::atext - OctetSet("+="));
  const bool utf8 = octets == OriginalAddress::utf8 && text::equal_fold(type, "utf-8");
  const OctetSet plain = utf8 ? plain_xtext | text::octets::beyond_ascii : plain_xtext;
  return !type.empty() && in.take(';') && is_printable_xtext(in, plain);
}

}  // namespace mailpod::smtp
