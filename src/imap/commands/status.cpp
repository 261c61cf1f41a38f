#include "../grammar.hpp"
#include "../response.hpp"
#include "commands.hpp"

// RFC 3501 §6.3.10.
namespace mailpod::imap::commands {
namespace {

/// One status data item; RFC order. Numbers are of committed messages only.
struct Item {
  std::string_view name;
  std::uint64_t (*value)(const store::MailboxState& mailbox);
};
constexpr Item items[] = {
    {"MESSAGES", [](const store::MailboxState& mailbox) -> std::uint64_t { return mailbox.count; }},
    {"RECENT", [](const store::MailboxState&) -> std::uint64_t { return 0; }},
    {"UIDNEXT", [](const store::MailboxState& mailbox) -> std::uint64_t { return mailbox.uid_next.value; }},
    {"UIDVALIDITY", [](const store::MailboxState& mailbox) -> std::uint64_t { return mailbox.uid_validity.value; }},
    {"UNSEEN", [](const store::MailboxState& mailbox) -> std::uint64_t { return mailbox.unseen; }},
};

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

text::Parsed<StatusOf> parse(text::Cursor& in, const Settings&) {
  if (!in.take_space()) return in.error("SP and a mailbox name");
  auto mailbox = parse_mailbox(in);
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
  const auto mailbox = session.vault().state()->find(status.mailbox);
  if (!mailbox) co_return no("[NONEXISTENT] No such mailbox");
  if (!mailbox->selectable) co_return no("[CANNOT] This name only has mailboxes below it");
  auto& out = session.out().text();
  out += "* STATUS ";
  write_mailbox(out, status.mailbox);
  std::string_view separator = " (";
  for (const auto* item : status.asked) {
    out += separator;
    out += item->name;
    out += ' ';
    write_number(out, item->value(*mailbox));
    separator = " ";
  }
  out += ")\r\n";
  co_return ok("STATUS completed");
}

}  // namespace

awaitable<Answer> status(Session& session, text::Cursor in) {
  return parse_and_run<StatusOf>(session, in, parse, run);
}

}  // namespace mailpod::imap::commands
