#include "notify_request.hpp"

#include <algorithm>
#include <optional>

#include <mailpod/text/ascii.hpp>

#include "grammar.hpp"

namespace mailpod::imap {
namespace {

using text::Cursor;
using MaybeError = std::optional<text::ParseError>;

/// Of one NOTIFY; more would be a client that wants to be told of everything by name.
constexpr std::size_t most_groups = 100;
constexpr std::size_t most_names = 1'000;
constexpr std::size_t most_events = 20;  // of one group, repeated ones included

struct EventRow {
  std::string_view name;
  Event event;
};
constexpr EventRow events[] = {
    {"MessageNew", message_new},
    {"MessageExpunge", message_expunge},
    {"FlagChange", flag_change},
    {"MailboxName", mailbox_name},
    {"SubscriptionChange", subscription_change},
    {"MailboxMetadataChange", mailbox_metadata_change},
    {"ServerMetadataChange", server_metadata_change},
};

struct FilterRow {
  std::string_view name;
  EventGroup::Of of;
};
constexpr FilterRow filters[] = {
    {"selected", EventGroup::Of::selected},     {"selected-delayed", EventGroup::Of::selected_delayed},
    {"inboxes", EventGroup::Of::inboxes},       {"personal", EventGroup::Of::personal},
    {"subscribed", EventGroup::Of::subscribed}, {"subtree", EventGroup::Of::subtree},
    {"mailboxes", EventGroup::Of::mailboxes},
};

template <class Row>
const Row* find_row(const auto& rows, std::string_view name) {
  const auto* found = std::ranges::find_if(rows, [&](const Row& row) { return text::equal_fold(row.name, name); });
  return found == std::end(rows) ? nullptr : found;
}

class Parser {
public:
  Parser(Cursor& in, const Dialect& dialect) : in_(in), dialect_(dialect) {}

  text::Parsed<NotifyRequest> request();

private:
  MaybeError group();
  MaybeError listed_events(EventGroup& group);
  MaybeError event(EventGroup& group);
  MaybeError items(EventGroup& group);
  MaybeError consistent(const EventGroup& group);

  Cursor& in_;
  const Dialect& dialect_;
  NotifyRequest request_;
  std::size_t names_ = 0;
};

text::Parsed<NotifyRequest> Parser::request() {
  if (in_.take_word("NONE")) return request_;
  if (!in_.take_word("SET") || !in_.take_space()) return in_.error("SET or NONE");
  if (in_.take_word("STATUS")) {
    request_.status = NotifyRequest::Status::told;
    if (!in_.take_space()) return in_.error("SP and event groups");
  }
  do {
    if (request_.groups.size() == most_groups) return in_.error("fewer event groups");
    if (const auto error = group()) return *error;
  } while (in_.take_space());
  return std::move(request_);
}

/// `(subtree Lists (MessageNew MessageExpunge))`
MaybeError Parser::group() {
  if (!in_.take('(')) return in_.error("an event group in parentheses");
  const auto start = in_;
  const auto* filter = find_row<FilterRow>(filters, in_.take_while(octets::atom_char));
  if (filter == nullptr) return start.error("which mailboxes");
  EventGroup group;
  group.of = filter->of;
  if (group.has_names()) {
    if (const auto error = parse_names(in_, dialect_, group, most_names - names_)) return error;
    names_ += group.names.size();
  }
  if (!in_.take_space()) return in_.error("SP and events");
  if (!in_.take_word("NONE")) {
    if (const auto error = listed_events(group)) return error;
  }
  if (const auto error = consistent(group)) return error;
  if (!in_.take(')')) return in_.error("')'");
  request_.groups.push_back(std::move(group));
  return std::nullopt;
}

MaybeError Parser::listed_events(EventGroup& group) {
  if (!in_.take('(')) return in_.error("events in parentheses, or NONE");
  std::size_t count = 0;
  do {
    if (++count > most_events) return in_.error("fewer events");
    if (const auto error = event(group)) return error;
  } while (in_.take_space());
  if (!in_.take(')')) return in_.error("')'");
  return std::nullopt;
}

MaybeError Parser::event(EventGroup& group) {
  const auto name = in_.take_while(octets::atom_char);
  if (name.empty()) return in_.error("an event");
  const auto* row = find_row<EventRow>(events, name);
  if (row == nullptr) {
    request_.unsupported = true;
    return std::nullopt;
  }
  group.events |= row->event;
  auto next = in_;
  if (row->event != message_new || !next.take_space() || !next.next_is('(')) return std::nullopt;
  in_ = next;
  return items(group);
}

/// MessageNew's FETCH items: only what is selected has numbers to show them by. RFC 5465 §8.
MaybeError Parser::items(EventGroup& group) {
  if (!group.of_selected()) return in_.error("FETCH items for the selected mailbox only");
  SectionLimits limits;
  limits.header_fields = dialect_.settings.header_fields;
  auto items = parse_fetch_items(in_, dialect_.settings.fetch_items, limits);
  if (items.has_error()) return items.error();
  group.items = std::move(*items);
  return std::nullopt;
}

/// RFC 5465 §5, §6.1.
MaybeError Parser::consistent(const EventGroup& group) {
  const bool arrivals = (group.events & message_new) != 0;
  const bool expunges = (group.events & message_expunge) != 0;
  if (arrivals != expunges) return in_.error("MessageNew and MessageExpunge together");
  if ((group.events & flag_change) != 0 && !arrivals)
    return in_.error("MessageNew and MessageExpunge beside FlagChange");
  if (!group.of_selected()) return std::nullopt;
  if ((group.events & ~message_events) != 0) return in_.error("only events of messages for the selected mailbox");
  if (std::ranges::any_of(request_.groups, &EventGroup::of_selected)) return in_.error("the selected mailbox once");
  return std::nullopt;
}

}  // namespace

std::string event_names() {
  std::string names;
  for (const auto& row : events) {
    if (!names.empty()) names += ' ';
    names += row.name;
  }
  return names;
}

text::Parsed<NotifyRequest> parse_notify(text::Cursor& in, const Dialect& dialect) {
  if (!in.take_space()) return in.error("SP and SET or NONE");
  return Parser(in, dialect).request();
}

}  // namespace mailpod::imap
