#include "../list_pattern.hpp"
#include "../listing.hpp"
#include "../special_use.hpp"
#include "commands.hpp"

// RFC 3501 §6.3.8, with the attributes of RFC 3348 and RFC 6154.
namespace mailpod::imap::commands {
namespace {

std::string attributes_of(const store::VaultState& vault, const store::MailboxState& mailbox) {
  std::string attributes;
  if (!mailbox.selectable) attributes += "\\Noselect ";
  attributes += has_children(vault, mailbox.name) ? "\\HasChildren" : "\\HasNoChildren";
  if (mailbox.special_use != store::SpecialUse::none) {
    attributes += ' ';
    attributes += attribute_for(mailbox.special_use);
  }
  return attributes;
}

awaitable<Answer> run(Session& session, const ListRequest& list) {
  auto& out = session.out();
  if (list.pattern.empty()) {
    // Asks for the delimiter and the root of the reference.
    write_list_response(out.text(), "LIST", "\\Noselect", "", session.dialect());
    co_return ok("LIST completed");
  }
  const ListPattern pattern(list.canonical());
  const auto vault = session.vault().state();
  for (const auto& mailbox : vault->mailboxes) {
    if (pattern.matches(mailbox->name)) {
      write_list_response(out.text(), "LIST", attributes_of(*vault, *mailbox), mailbox->name, session.dialect());
    }
    co_await out.flush_if_large();
  }
  co_return ok("LIST completed");
}

}  // namespace

awaitable<Answer> list(Session& session, text::Cursor in) {
  return parse_and_run<ListRequest>(session, in, parse_list_request, run);
}

}  // namespace mailpod::imap::commands
