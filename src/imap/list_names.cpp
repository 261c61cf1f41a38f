#include "list_names.hpp"

#include <algorithm>
#include <ranges>
#include <unordered_map>

#include "list_pattern.hpp"

namespace mailpod::imap {
namespace {

bool satisfies(const ListedName& listed, const ListRequest::Selection& selection) {
  if (selection.subscribed && !listed.subscribed) return false;
  if (selection.special_use && (!listed.mailbox || listed.mailbox->special_use == store::SpecialUse::none))
    return false;
  // A name that no mailbox has is listed because it is subscribed, and for nothing else.
  return listed.mailbox || selection.subscribed;
}

/// The patterns of one LIST, with the reference in front: Mailpod has one namespace. RFC 3501 §6.3.8.
class Patterns {
public:
  explicit Patterns(const ListRequest& list) {
    for (const auto& pattern : list.patterns) {
      // RFC 9051 §6.3.9: an empty one is passed over.
      if (!pattern.empty()) patterns_.emplace_back(list.reference + pattern);
    }
  }
  bool match(std::string_view name) const {
    return std::ranges::any_of(patterns_, [&](const ListPattern& pattern) { return pattern.matches(name); });
  }

private:
  std::vector<ListPattern> patterns_;
};

/// Every name there is, with what is to be known of it; in the order in which it is shown.
class Names {
public:
  explicit Names(const store::VaultState& vault) {
    const std::size_t more = vault.subscribed_names ? vault.subscribed_names->size() : 0;
    names_.reserve(vault.mailboxes.size() + more);
    for (const auto& mailbox : vault.mailboxes) names_.push_back({mailbox->name, mailbox, mailbox->subscribed});
    if (more > 0) {
      for (const auto& name : *vault.subscribed_names) names_.push_back({name, nullptr, true});
    }
    for (std::size_t i = 0; i < names_.size(); ++i) places_.emplace(names_[i].name, i);
  }

  std::vector<ListedName>& all() { return names_; }

  /// The name's place; made, as one that no mailbox has, if there is none.
  ListedName& at(std::string_view name) {
    const auto [place, fresh] = places_.try_emplace(std::string(name), names_.size());
    if (fresh) names_.push_back({std::string(name), nullptr});
    return names_[place->second];
  }

  std::vector<ListedName> take() {
    const auto begin = names_.begin() + (names_.empty() ? 0 : 1);  // INBOX
    std::ranges::sort(begin, names_.end(), {}, &ListedName::name);
    return std::move(names_);
  }

private:
  std::vector<ListedName> names_;
  std::unordered_map<std::string, std::size_t> places_;
};

/// Tells the names above a selected one that it is there.
void tell_those_above(Names& names, std::string below, bool hidden) {
  for (auto slash = below.rfind('/'); slash != std::string::npos; slash = below.rfind('/')) {
    below.resize(slash);
    auto& above = names.at(below);
    above.selected_below = true;
    above.hidden_below = above.hidden_below || hidden;
  }
}

}  // namespace

boost::asio::awaitable<std::vector<ListedName>> names_for(const ListRequest& list,
                                                          std::shared_ptr<const store::VaultState> vault, Output& out) {
  const Patterns patterns(list);
  Names names(*vault);
  const auto count = names.all().size();
  std::vector<char> matching(count, 0);
  for (std::size_t i = 0; i < count; ++i) {
    co_await out.flush_if_large();
    auto& listed = names.all()[i];
    listed.selected = satisfies(listed, list.selection);
    matching[i] = patterns.match(listed.name) ? 1 : 0;
    if (!list.selection.recursive_match || !listed.selected) continue;
    const std::string name = listed.name;  // at() may move the names
    tell_those_above(names, name, matching[i] == 0);
  }
  for (std::size_t i = 0; i < names.all().size(); ++i) {
    co_await out.flush_if_large();
    auto& listed = names.all()[i];
    const bool matches = i < count ? matching[i] != 0 : patterns.match(listed.name);
    // RFC 5258 §3.3: a name that is not selected stands only for one below it that matches no pattern.
    if (!matches || (!listed.selected && !listed.hidden_below)) listed.name.clear();
  }
  auto shown = names.take();
  std::erase_if(shown, [](const ListedName& listed) { return listed.name.empty(); });
  co_return shown;
}

}  // namespace mailpod::imap
