#include <algorithm>

#include "../grammar.hpp"
#include "../response.hpp"
#include "commands.hpp"

// RFC 3501 §6.3.10.
namespace mailpod::imap::commands {
namespace {

/// What expunging would give back, in octets.
std::uint64_t deleted_octets(const store::MailboxState& mailbox) {
  std::uint64_t octets = 0;
  if (mailbox.deleted == 0) return octets;
  for (const auto& chunk : mailbox.chunks) {
    for (const auto& message : chunk->messages) octets += message.flags.has(store::Flags::deleted) ? message.size : 0;
  }
  return octets;
}

/// One status data item; RFC order. Numbers are of committed messages only.
struct Item {
  std::string_view name;
  std::uint64_t (*value)(const store::MailboxState& mailbox);
  bool reads_all = false;                                      ///< takes as long as the mailbox has messages
  std::uint64_t (*limit)(const Settings& settings) = nullptr;  ///< instead of `value`: what holds for all mailboxes
};
constexpr Item items[] = {
    {"MESSAGES", [](const store::MailboxState& mailbox) -> std::uint64_t { return mailbox.count; }},
    {"RECENT", [](const store::MailboxState&) -> std::uint64_t { return 0; }},
    {"UIDNEXT", [](const store::MailboxState& mailbox) -> std::uint64_t { return mailbox.uid_next.value; }},
    {"UIDVALIDITY", [](const store::MailboxState& mailbox) -> std::uint64_t { return mailbox.uid_validity.value; }},
    {"UNSEEN", [](const store::MailboxState& mailbox) -> std::uint64_t { return mailbox.unseen; }},
    {"HIGHESTMODSEQ",
     [](const store::MailboxState& mailbox) -> std::uint64_t { return mailbox.highest_mod_seq.value; }},
    {"DELETED-STORAGE", deleted_octets, true},  // RFC 9208 §4.1.4; before the word that it begins with
    {"DELETED", [](const store::MailboxState& mailbox) -> std::uint64_t { return mailbox.deleted; }},
    {"APPENDLIMIT", nullptr, false, [](const Settings& settings) { return settings.message; }},  // RFC 7889 §3.1
};

bool reads_all(const Item* item) {
  return item->reads_all;
}

bool follows_mod_seq(const Item* item) {
  return item->name == "HIGHESTMODSEQ";
}

struct StatusOf {
  std::string mailbox;
  std::vector<const Item*> asked;
};

const Item* parse_item(text::Cursor& in) {
  for (const auto& item : items) {
    if (in.take_word(item.name)) return &item;
  }
  return nullptr;
}

text::Parsed<StatusOf> parse(text::Cursor& in, const Dialect& dialect) {
  if (!in.take_space()) return in.error("SP and a mailbox name");
  auto mailbox = parse_mailbox(in, dialect);
  if (mailbox.has_error()) return mailbox.error();
  StatusOf value{std::move(*mailbox), {}};
  if (!in.take_space() || !in.take('(')) return in.error("SP and a list of status items");
  do {
    if (value.asked.size() == 16) return in.error("fewer status items");
    const auto* item = parse_item(in);
    if (item == nullptr) return in.error("a status item");
    value.asked.push_back(item);
  } while (in.take_space());
  if (!in.take(')')) return in.error("')'");
  return value;
}

awaitable<Answer> run(Session& session, const StatusOf& status) {
  // RFC 7162 §3.1.
  if (std::ranges::any_of(status.asked, follows_mod_seq)) session.enable_condstore();
  const auto mailbox = session.vault().state()->find(status.mailbox);
  if (!mailbox) co_return no("[NONEXISTENT] No such mailbox");
  if (!mailbox->selectable) co_return no("[CANNOT] This name only has mailboxes below it");
  std::string values;
  const auto look = [&]() -> Status {
    for (const auto* item : status.asked) {
      if (!values.empty()) values += ' ';
      values += item->name;
      values += ' ';
      write_number(values, item->limit ? item->limit(session.settings()) : item->value(*mailbox));
    }
    return {};
  };
  if (std::ranges::any_of(status.asked, reads_all)) {
    const auto looked = co_await session.on_pool(look);
    if (looked.has_error()) co_return session.answer_for(looked.error());
  } else {
    look().value();
  }
  auto& out = session.out().text();
  out += "* STATUS ";
  write_mailbox(out, status.mailbox, session.dialect());
  out += " (" + values + ")\r\n";
  co_return ok("STATUS completed");
}

}  // namespace

awaitable<Answer> status(Session& session, text::Cursor in) {
  return parse_and_run<StatusOf>(session, in, parse, run);
}

}  // namespace mailpod::imap::commands
