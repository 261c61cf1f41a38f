#include <algorithm>
#include <array>

#include <mailpod/text/ascii.hpp>

#include "arguments.hpp"
#include "mail_counter.hpp"

namespace mailpod::admin {
namespace {

struct SystemFlag {
  std::uint32_t bit;
  std::string_view word;
};
constexpr std::array system_flags{
    SystemFlag{store::Flags::answered, "\\Answered"}, SystemFlag{store::Flags::flagged, "\\Flagged"},
    SystemFlag{store::Flags::deleted, "\\Deleted"},   SystemFlag{store::Flags::seen, "\\Seen"},
    SystemFlag{store::Flags::draft, "\\Draft"},
};

constexpr std::array<std::string_view, 6> uses{"", "archive", "drafts", "junk", "sent", "trash"};

/// Words of one message; more are left out.
constexpr std::size_t most_words = 1000;

}  // namespace

json flag_words(const store::MessageState& message, const store::MailboxState& mailbox) {
  json words = json::array();
  for (const auto& row : system_flags) {
    if (message.flags.has(row.bit)) words.push_back(row.word);
  }
  for (std::size_t i = 0; i < mailbox.keywords.size() && i < store::most_keywords; ++i) {
    if (message.flags.has(std::uint32_t{1} << (store::Flags::first_keyword + i))) words.push_back(mailbox.keywords[i]);
  }
  return words;
}

store::FlagChange flags_of_words(const json& words, std::vector<std::string>& keywords, json& left_out) {
  store::FlagChange change;
  if (!words.is_array() || words.size() > most_words) throw BadRequest("these are no flags");
  for (const auto& each : words) {
    const auto word = each.get<std::string>();
    const auto* const row =
        std::ranges::find_if(system_flags, [&](const SystemFlag& flag) { return text::equal_fold(flag.word, word); });
    if (row != system_flags.end()) {
      change.system |= row->bit;
      continue;
    }
    const bool known =
        std::ranges::any_of(keywords, [&](const std::string& keyword) { return text::equal_fold(keyword, word); });
    if (!store::is_keyword(word) || (!known && keywords.size() >= store::most_keywords)) {
      left_out.push_back(word);
      continue;
    }
    if (!known) keywords.push_back(word);
    change.keywords.push_back(word);
  }
  return change;
}

std::string_view name_of(store::SpecialUse use) {
  return uses.at(static_cast<std::size_t>(use));
}

store::SpecialUse special_use_of(std::string_view name) {
  const auto* const found = std::ranges::find(uses, name);
  return found == uses.end() ? store::SpecialUse::none : static_cast<store::SpecialUse>(found - uses.begin());
}

}  // namespace mailpod::admin
