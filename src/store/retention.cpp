#include <mailpod/store/retention.hpp>

#include <algorithm>
#include <charconv>

namespace mailpod::store {
namespace {

constexpr std::uint64_t seconds_a_day = 86'400;

std::string_view annotation(const VaultState& state, const MailboxState& mailbox, std::string_view entry) {
  for (const auto& annotations : {mailbox.annotations, state.annotations}) {
    if (annotations == nullptr) continue;
    const auto found = annotations->find(entry);
    if (found != annotations->end()) return found->second;
  }
  return {};
}

/// Before which second a message must have come to be older than so many days; 0: none is.
std::uint64_t limit(base::Time now, std::uint32_t days) {
  const auto seconds = base::to_seconds(now);
  const auto age = days * seconds_a_day;
  return days == 0 || seconds <= age ? 0 : seconds - age;
}

struct Limits {
  std::uint64_t charter = 0, member = 0, download = 0;  ///< as limit()
  std::uint64_t highest() const { return std::max({charter, member, download}); }
};

class Search {
public:
  Search(Vault& vault, std::size_t most) : vault_(vault), most_(most) {}

  std::optional<Outdated> in(const MailboxState& mailbox, const Limits& limits) {
    Outdated out{mailbox.id, {}, {}};
    if (limits.highest() == 0) return std::nullopt;
    for (const auto& chunk : mailbox.chunks) {
      for (const auto& message : chunk->messages) {
        if (out.by_charter.size() + out.by_member.size() == most_) return out;
        judge(message, limits, out);
      }
    }
    return out.by_charter.empty() && out.by_member.empty() ? std::nullopt : std::optional(std::move(out));
  }

private:
  void judge(const MessageState& message, const Limits& limits, Outdated& out) {
    if (message.flags.has(Flags::flagged) || message.internal_date >= limits.highest()) return;
    const auto came = came_at(message);
    if (!came) return;
    const bool was_read = message.flags.has(Flags::seen) && *came < limits.download;
    if (*came < limits.member || was_read) {
      out.by_member.push_back(message.uid);
    } else if (*came < limits.charter) {
      out.by_charter.push_back(message.uid);
    }
  }

  /// Nothing where its record is damaged: what cannot be judged stays.
  std::optional<std::uint64_t> came_at(const MessageState& message) {
    std::uint32_t saved = message.save_date;
    if (saved == 0) {
      const auto particulars = vault_.particulars(message);
      if (!particulars) return std::nullopt;
      saved = particulars->save_date;
    }
    return std::max(saved, message.internal_date);
  }

  Vault& vault_;
  std::size_t most_;
};

}  // namespace

OwnRetention own_retention(const VaultState& state, const MailboxState& mailbox) {
  OwnRetention own;
  const auto days = annotation(state, mailbox, delete_after_days);
  const char* end = days.data() + days.size();
  std::uint32_t value = 0;
  const auto [rest, error] = std::from_chars(days.data(), end, value);
  if (error == std::errc{} && rest == end && value <= most_days_kept) own.days = value;
  own.after_download = annotation(state, mailbox, delete_after_download) == "yes";
  return own;
}

std::optional<Outdated> next_outdated(Vault& vault, std::uint32_t charter_days, base::Time now, std::size_t most) {
  const auto state = vault.state();
  for (const auto& mailbox : state->mailboxes) {
    if (mailbox->special_use == SpecialUse::drafts) continue;
    const auto own = own_retention(*state, *mailbox);
    const Limits limits{limit(now, charter_days), limit(now, own.days), own.after_download ? limit(now, 1) : 0};
    if (auto found = Search(vault, most).in(*mailbox, limits)) return found;
  }
  return std::nullopt;
}

}  // namespace mailpod::store
