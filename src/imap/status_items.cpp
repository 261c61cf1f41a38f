#include "status_items.hpp"

#include <algorithm>

#include <mailpod/text/ascii.hpp>

#include "grammar.hpp"
#include "mailbox_object_id.hpp"
#include "response.hpp"

namespace mailpod::imap {
namespace {

using enum StatusItem::In;
using enum StatusItem::Reads;
using enum StatusItem::Effect;

void write_messages(std::string& out, const StatusSubject& subject) {
  write_number(out, subject.mailbox.count);
}
/// Mailpod keeps no \Recent.
void write_recent(std::string& out, const StatusSubject&) {
  out += '0';
}
void write_uid_next(std::string& out, const StatusSubject& subject) {
  write_number(out, subject.mailbox.uid_next.value);
}
void write_uid_validity(std::string& out, const StatusSubject& subject) {
  write_number(out, subject.mailbox.uid_validity.value);
}
void write_unseen(std::string& out, const StatusSubject& subject) {
  write_number(out, subject.mailbox.unseen);
}
void write_deleted(std::string& out, const StatusSubject& subject) {
  write_number(out, subject.mailbox.deleted);
}
/// What expunging would give back, in octets.
void write_deleted_storage(std::string& out, const StatusSubject& subject) {
  std::uint64_t octets = 0;
  if (subject.mailbox.deleted != 0) {
    for (const auto& chunk : subject.mailbox.chunks) {
      for (const auto& message : chunk->messages) octets += message.flags.has(store::Flags::deleted) ? message.size : 0;
    }
  }
  write_number(out, octets);
}
/// The sum of the RFC822.SIZEs, exactly.
void write_size(std::string& out, const StatusSubject& subject) {
  write_number(out, subject.mailbox.octets);
}
void write_mailbox_id(std::string& out, const StatusSubject& subject) {
  out += '(' + mailbox_object_id(subject.member, subject.mailbox) + ')';
}

void write_highest_mod_seq(std::string& out, const StatusSubject& subject) {
  write_number(out, subject.mailbox.highest_mod_seq.value);
}
/// The same for all mailboxes.
void write_append_limit(std::string& out, const StatusSubject& subject) {
  write_number(out, subject.settings.message);
}

/// RFC 3501 §6.3.10 in its order, then RFC 9051 §6.3.11 and the extensions.
constexpr StatusItem items[] = {
    {"MESSAGES", write_messages},
    {"RECENT", write_recent, rev1_only},
    {"UIDNEXT", write_uid_next},
    {"UIDVALIDITY", write_uid_validity},
    {"UNSEEN", write_unseen},
    {"DELETED", write_deleted},  // RFC 9051 §6.3.11, RFC 9208 §4.1.4
    {"SIZE", write_size},        // RFC 9051 §6.3.11, RFC 8438 §3
    {"HIGHESTMODSEQ", write_highest_mod_seq, any_dialect, state, enables_condstore},  // RFC 7162 §3.1.7
    {"APPENDLIMIT", write_append_limit},                                              // RFC 7889 §3.1
    {"MAILBOXID", write_mailbox_id},                                                  // RFC 8474 §4.3
    {"DELETED-STORAGE", write_deleted_storage, any_dialect, every_message},           // RFC 9208 §4.1.4
};

const StatusItem* find_item(std::string_view name, const Dialect& dialect) {
  const auto* found =
      std::ranges::find_if(items, [&](const StatusItem& item) { return text::equal_fold(item.name, name); });
  if (found == std::end(items)) return nullptr;
  return found->in == rev1_only && dialect.enabled.imap4rev2 ? nullptr : found;
}

}  // namespace

text::Parsed<StatusItems> parse_status_items(text::Cursor& in, const Dialect& dialect) {
  constexpr std::size_t most = 16;
  StatusItems asked;
  if (!in.take('(')) return in.error("a list of status items");
  do {
    if (asked.size() == most) return in.error("fewer status items");
    const auto start = in;
    const auto* item = find_item(in.take_while(octets::atom_char), dialect);
    if (item == nullptr) return start.error("a status item");
    asked.push_back(item);
  } while (in.take_space());
  if (!in.take(')')) return in.error("')'");
  return asked;
}

namespace {

void begin_value(std::string& values, std::string_view name) {
  if (!values.empty()) values += ' ';
  values += name;
  values += ' ';
}

}  // namespace

void add_status_value(std::string& values, std::string_view name, std::uint64_t value) {
  begin_value(values, name);
  write_number(values, value);
}

void write_status_response(std::string& out, std::string_view mailbox, std::string_view values,
                           const Dialect& dialect) {
  out += "* STATUS ";
  write_mailbox(out, mailbox, dialect);
  out += " (";
  out += values;
  out += ")\r\n";
}

awaitable<Status> write_status(Session& session, const store::MailboxState& mailbox, const StatusItems& asked) {
  if (std::ranges::any_of(asked, [](const auto* item) { return item->effect == enables_condstore; })) {
    session.enable_condstore();
  }
  const StatusSubject subject{mailbox, session.vault().member(), session.settings()};
  std::string values;
  const auto look = [&]() -> Status {
    for (const auto* item : asked) {
      begin_value(values, item->name);
      item->write(values, subject);
    }
    return {};
  };
  const bool takes_long = std::ranges::any_of(asked, [](const auto* item) { return item->reads == every_message; });
  if (takes_long) {
    const auto looked = co_await session.on_pool(look);
    if (looked.has_error()) co_return looked;
  } else {
    look().value();
  }
  write_status_response(session.out().text(), mailbox.name, values, session.dialect());
  co_return Status{};
}

}  // namespace mailpod::imap
