#include "search_sources.hpp"

#include <mailpod/store/delivery_place.hpp>

#include "grammar.hpp"

namespace mailpod::imap {
namespace {

using Of = MailboxFilter::Of;
using store::MailboxState;

struct Row {
  std::string_view name;
  Of of;
};
constexpr Row rows[] = {
    {"selected", Of::selected},     {"inboxes", Of::inboxes}, {"personal", Of::personal},
    {"subscribed", Of::subscribed}, {"subtree", Of::subtree}, {"subtree-one", Of::subtree_one},
    {"mailboxes", Of::mailboxes},
};

/// Of all the kinds together.
constexpr std::size_t most_names = 1'000;

text::Parsed<MailboxFilter> parse_source(text::Cursor& in, const Dialect& dialect, std::size_t most) {
  for (const auto& row : rows) {
    if (!in.take_word(row.name, octets::atom_char)) continue;
    MailboxFilter source{row.of, {}};
    if (!source.has_names()) return source;
    if (const auto error = parse_names(in, dialect, source, most)) return *error;
    return source;
  }
  return in.error("which mailboxes to search");
}

}  // namespace

text::Parsed<SearchSources> parse_search_sources(text::Cursor& in, const Dialect& dialect) {
  constexpr std::size_t limit = 100;
  auto after = in;
  if (!after.take_space() || !after.take_word("IN")) return SearchSources{{Of::selected, {}}};
  if (!after.take_space() || !after.take('(')) return after.error("SP and a list of mailboxes");
  in = after;
  SearchSources sources;
  std::size_t names = 0;
  do {
    if (sources.size() == limit) return in.error("fewer kinds of mailboxes");
    auto source = parse_source(in, dialect, most_names - names);
    if (source.has_error()) return source.error();
    names += source->names.size();
    sources.push_back(std::move(*source));
  } while (in.take_space());
  if (!in.take(')')) return in.error("')'");
  return sources;
}

std::vector<std::shared_ptr<const MailboxState>> mailboxes_in(const SearchSources& sources,
                                                              const store::VaultState& vault,
                                                              std::optional<store::MailboxId> selected) {
  MailboxFilters filters;
  bool takes_selected = false;
  for (const auto& source : sources) {
    filters.add(source, 1);
    takes_selected = takes_selected || source.of == Of::selected;
  }
  const auto inboxes = filters.names_inboxes() ? store::delivery_places(vault) : std::vector<store::MailboxId>();
  std::vector<std::shared_ptr<const MailboxState>> meant;
  for (const auto& mailbox : vault.mailboxes) {
    if (!mailbox->selectable) continue;
    const bool is_selected = takes_selected && mailbox->id == selected;
    if (is_selected || filters.meaning_of(mailbox->name, mailbox.get(), inboxes) != 0) meant.push_back(mailbox);
  }
  return meant;
}

}  // namespace mailpod::imap
