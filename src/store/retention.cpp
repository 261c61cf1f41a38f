#include <mailpod/store/retention.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace mailpod::store {
namespace {

constexpr std::uint64_t seconds_a_day = 86'400;

std::string_view annotation(const Annotations* annotations, std::string_view entry) {
  if (annotations == nullptr) return {};
  const auto found = annotations->find(entry);
  return found == annotations->end() ? std::string_view{} : std::string_view(found->second);
}

/// Before which second a message must have come to be older than so many days; 0: none is.
std::uint64_t limit(base::Time now, std::uint32_t days) {
  const auto seconds = base::to_seconds(now);
  const auto age = days * seconds_a_day;
  return days == 0 || now <= base::Time{} || seconds <= age ? 0 : seconds - age;
}

/// When a vault was first opened after an announcement.
struct Seen {
  std::uint64_t announced = 0, pod_time = 0, clock = 0;
};

std::optional<Seen> seen(const VaultState& state) {
  const auto text = annotation(state.annotations.get(), charter_rule_seen);
  std::array<std::uint64_t, 3> values{};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (auto& value : values) {
    if (&value != values.data()) {
      if (at == end || *at != ' ') return std::nullopt;
      ++at;
    }
    const auto [rest, error] = std::from_chars(at, end, value);
    if (error != std::errc{} || rest - at > 12) return std::nullopt;
    at = rest;
  }
  if (at != end) return std::nullopt;
  return Seen{values[0], values[1], values[2]};
}

std::optional<Seen> seen(const VaultState& state, const CharterRule& rule) {
  const auto noted = seen(state);
  const bool is_of_it = noted && rule.announced > base::Time{} && noted->announced == base::to_seconds(rule.announced);
  return is_of_it ? noted : std::nullopt;
}

struct Limits {
  std::uint64_t charter = 0, member = 0, download = 0;  ///< as limit()
  std::uint64_t unread_before = 0;  ///< of what came earlier the charter's rule spares what is unread
  std::uint64_t highest() const { return std::max({charter, member, download}); }
};

Limits limits_of(const VaultState& state, const MailboxState& mailbox, const RetentionRules& rules) {
  if (mailbox.special_use == SpecialUse::drafts) return {};
  const auto own = own_retention(state, mailbox);
  Limits limits{0, limit(rules.now, own.days), own.after_download ? limit(rules.now, 1) : 0, 0};
  const auto since = seen(state, rules.charter);
  if (since && rules.now >= base::from_seconds(since->pod_time) + notice_in_vault) {
    limits.charter = limit(rules.now, rules.charter.days);
    limits.unread_before = std::max(since->pod_time, since->clock);
  }
  return limits;
}

bool is_kept(const MessageState& message) {
  return message.flags.has(Flags::flagged) || message.flags.has(Flags::draft);
}

enum class Rule { none, charter, member };

/// By which rule a message goes that came then.
Rule judge(const MessageState& message, std::uint64_t came, const Limits& limits) {
  if (is_kept(message)) return Rule::none;
  const bool was_read = message.flags.has(Flags::seen);
  if (came < limits.member || (was_read && came < limits.download)) return Rule::member;
  const bool is_spared = !was_read && came < limits.unread_before;
  return came < limits.charter && !is_spared ? Rule::charter : Rule::none;
}

class Search {
public:
  Search(Vault& vault, RetentionRound& round) : vault_(vault), round_(round) {}

  /// True if the mailbox was looked through.
  bool in(const MailboxState& mailbox, const Limits& limits, Outdated& out) {
    if (limits.highest() == 0) return true;
    for (const auto& chunk : mailbox.chunks) {
      if (chunk->messages.back().uid <= round_.after) continue;
      for (const auto& message : chunk->messages) {
        if (message.uid <= round_.after) continue;
        if (out.messages.size() == round_.most || reads_ == round_.most) return false;
        round_.after = message.uid;
        look_at(message, limits, out);
      }
    }
    return true;
  }

private:
  void look_at(const MessageState& message, const Limits& limits, Outdated& out) {
    // It came then, or later: what is young by that, or stays at any age, needs no record.
    if (is_kept(message) || message.internal_date >= limits.highest()) return;
    const auto came = came_at(message);
    if (came && judge(message, *came, limits) != Rule::none) out.messages.push_back({message.uid, *came});
  }

  /// Nothing where its record is damaged: what cannot be judged stays.
  std::optional<std::uint64_t> came_at(const MessageState& message) {
    std::uint32_t saved = message.save_date;
    if (saved == 0) {
      ++reads_;
      const auto particulars = vault_.particulars(message);
      if (!particulars) return std::nullopt;
      saved = particulars->save_date;
    }
    return std::max(saved, message.internal_date);
  }

  Vault& vault_;
  RetentionRound& round_;
  std::size_t reads_ = 0;
};

}  // namespace

OwnRetention own_retention(const VaultState& state, const MailboxState& mailbox) {
  const auto own_or_of_vault = [&](std::string_view entry) {
    const auto value = annotation(mailbox.annotations.get(), entry);
    return value.data() != nullptr ? value : annotation(state.annotations.get(), entry);
  };
  OwnRetention own;
  const auto days = own_or_of_vault(delete_after_days);
  const char* end = days.data() + days.size();
  std::uint32_t value = 0;
  const auto [rest, error] = std::from_chars(days.data(), end, value);
  if (error == std::errc{} && rest == end && value <= most_days_kept) own.days = value;
  const bool inherits = mailbox.name == "INBOX";
  const auto download =
      inherits ? own_or_of_vault(delete_after_download) : annotation(mailbox.annotations.get(), delete_after_download);
  own.after_download = download == "yes";
  return own;
}

Status note_charter_rule(Vault& vault, const CharterRule& rule, base::Time pod_time, base::Time clock) {
  const bool is_announced = rule.days != 0 && rule.announced > base::Time{} && pod_time >= rule.announced;
  if (!is_announced || seen(*vault.state(), rule)) return {};
  const auto text = std::to_string(base::to_seconds(rule.announced)) + ' ' +
                    std::to_string(base::to_seconds(pod_time)) + ' ' + std::to_string(base::to_seconds(clock));
  const Vault::Annotation note{std::string(charter_rule_seen), text};
  return vault.annotate("", {&note, 1});
}

std::optional<Outdated> next_outdated(Vault& vault, const RetentionRules& rules, RetentionRound& round) {
  const auto state = vault.state();
  const auto& all = state->mailboxes;
  auto at = all.begin();
  if (round.mailbox) at = std::ranges::find(all, *round.mailbox, [](const auto& mailbox) { return mailbox->id; });
  Search search(vault, round);
  for (; at != all.end(); ++at) {
    const auto& mailbox = **at;
    if (round.mailbox != mailbox.id) round.after = Uid{0};
    round.mailbox = mailbox.id;
    Outdated out{mailbox.id, {}};
    const bool is_through = search.in(mailbox, limits_of(*state, mailbox, rules), out);
    if (!out.messages.empty()) return out;
    if (!is_through) return std::nullopt;
  }
  round.ended = true;
  return std::nullopt;
}

Going still_outdated(const VaultState& state, const Outdated& found, const RetentionRules& rules) {
  Going going;
  const auto mailbox = state.find(found.mailbox);
  if (mailbox == nullptr) return going;
  const auto limits = limits_of(state, *mailbox, rules);
  for (const auto& [uid, came] : found.messages) {
    const auto number = mailbox->find(uid);
    if (!number) continue;
    const auto rule = judge(mailbox->at(*number), came, limits);
    if (rule == Rule::charter) going.by_charter.push_back(uid);
    if (rule == Rule::member) going.by_member.push_back(uid);
  }
  return going;
}

}  // namespace mailpod::store
