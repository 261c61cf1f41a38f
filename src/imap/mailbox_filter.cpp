#include "mailbox_filter.hpp"

#include <algorithm>

#include "grammar.hpp"

namespace mailpod::imap {
namespace {

using Of = MailboxFilter::Of;

bool is_below(std::string_view name, std::string_view above, Of how) {
  if (name == above) return true;
  if (how == Of::mailboxes || !name.starts_with(above) || name[above.size()] != '/') return false;
  return how == Of::subtree || name.find('/', above.size() + 1) == std::string_view::npos;
}

}  // namespace

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

bool covers(const MailboxFilter& filter, std::string_view name, const store::MailboxState* mailbox) {
  switch (filter.of) {
    case Of::personal:
      return mailbox != nullptr;
    case Of::subscribed:
      return mailbox != nullptr && mailbox->subscribed;
    case Of::subtree:
    case Of::subtree_one:
    case Of::mailboxes:
      return std::ranges::any_of(filter.names, [&](const std::string& one) { return is_below(name, one, filter.of); });
    case Of::selected:
    case Of::selected_delayed:
    case Of::inboxes:
      break;
  }
  return false;
}

}  // namespace mailpod::imap
