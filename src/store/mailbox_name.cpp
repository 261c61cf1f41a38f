#include "mailbox_name.hpp"

#include <algorithm>

#include <mailpod/text/ascii.hpp>
#include <mailpod/text/unicode.hpp>

namespace mailpod::store {
namespace {

constexpr std::size_t keyword_limit = 64;

/// Controls of ASCII and of Unicode's C1 block, the latter as UTF-8.
bool has_control(std::string_view name) {
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto octet = static_cast<unsigned char>(name[i]);
    if (octet < 0x20 || octet == 0x7f) return true;
    if (octet == 0xc2 && i + 1 < name.size() && static_cast<unsigned char>(name[i + 1]) < 0xa0) return true;
  }
  return false;
}

}  // namespace

Result<std::string> canonical_name(std::string_view name, const Vault::Settings& settings) {
  if (name.empty() || name.size() > settings.mailbox_name_octets || has_control(name)) {
    return make_error_code(Errc::bad_mailbox_name);
  }
  const auto levels = static_cast<std::size_t>(std::ranges::count(name, '/')) + 1;
  const bool empty_level = name.starts_with('/') || name.ends_with('/') || name.find("//") != std::string_view::npos;
  if (levels > settings.mailbox_levels || empty_level) return make_error_code(Errc::bad_mailbox_name);
  auto normal = text::to_nfc(name);
  if (!normal || normal->size() > settings.mailbox_name_octets) return make_error_code(Errc::bad_mailbox_name);
  const std::size_t first = std::min(normal->find('/'), normal->size());
  if (text::equal_fold(std::string_view(*normal).substr(0, first), "INBOX")) normal->replace(0, first, "INBOX");
  return std::move(*normal);
}

std::vector<std::string> superiors_of(std::string_view name) {
  std::vector<std::string> superiors;
  for (std::size_t slash = name.find('/'); slash != std::string_view::npos; slash = name.find('/', slash + 1)) {
    superiors.emplace_back(name.substr(0, slash));
  }
  return superiors;
}

bool is_below(std::string_view name, std::string_view parent) {
  return name.size() > parent.size() + 1 && name.starts_with(parent) && name[parent.size()] == '/';
}

bool is_keyword(std::string_view word) {
  constexpr std::string_view specials = "(){ %*\"\\]";
  const bool atom = std::ranges::all_of(
      word, [&](char octet) { return octet > 0x20 && octet < 0x7f && specials.find(octet) == std::string_view::npos; });
  return atom && !word.empty() && word.size() <= keyword_limit;
}

Status check_keyword(std::string_view keyword) {
  if (!is_keyword(keyword)) return make_error_code(Errc::bad_keyword);
  return {};
}

}  // namespace mailpod::store
