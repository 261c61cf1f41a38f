#include "mailbox_filter.hpp"

#include <algorithm>

#include "grammar.hpp"

namespace mailpod::imap {
std::optional<text::ParseError> parse_names(text::Cursor& in, const Dialect& dialect, MailboxFilter& filter,
                                            std::size_t most) {
  if (!in.take_space()) return in.error("SP and mailbox names");
  const bool listed = in.take('(');
  do {
    if (filter.names.size() == most) return in.error("fewer mailbox names");
    auto name = parse_mailbox(in, dialect);
    if (name.has_error()) return name.error();
    filter.names.push_back(std::move(*name));
  } while (listed && in.take_space());
  if (listed && !in.take(')')) return in.error("')'");
  return std::nullopt;
}

void MailboxFilters::add(const MailboxFilter& filter, unsigned meaning) {
  using Of = MailboxFilter::Of;
  switch (filter.of) {
    case Of::inboxes:
      inboxes_ |= meaning;
      break;
    case Of::personal:
      personal_ |= meaning;
      break;
    case Of::subscribed:
      subscribed_ |= meaning;
      break;
    case Of::subtree:
    case Of::subtree_one:
    case Of::mailboxes:
      for (const auto& name : filter.names) {
        auto& named = names_[name];
        named.itself |= meaning;
        if (filter.of == Of::subtree) named.below |= meaning;
        if (filter.of == Of::subtree_one) named.one_below |= meaning;
      }
      break;
    case Of::selected:
    case Of::selected_delayed:
      break;
  }
}

unsigned MailboxFilters::meaning_of(std::string_view name, const store::MailboxState* mailbox,
                                    std::span<const store::MailboxId> inboxes) const {
  unsigned meaning = meaning_of_name(name);
  if (mailbox == nullptr) return meaning;
  meaning |= personal_;
  if (mailbox->subscribed) meaning |= subscribed_;
  if (inboxes_ != 0 && std::ranges::find(inboxes, mailbox->id) != inboxes.end()) meaning |= inboxes_;
  return meaning;
}

/// From the name itself up through the levels above it.
unsigned MailboxFilters::meaning_of_name(std::string_view name) const {
  if (names_.empty()) return 0;
  const auto itself = names_.find(name);
  unsigned meaning = itself == names_.end() ? 0U : itself->second.itself;
  bool parent = true;
  for (auto slash = name.rfind('/'); slash != std::string_view::npos; slash = name.rfind('/')) {
    name = name.substr(0, slash);
    const auto above = names_.find(name);
    if (above != names_.end()) meaning |= above->second.below | (parent ? above->second.one_below : 0U);
    parent = false;
  }
  return meaning;
}

}  // namespace mailpod::imap
