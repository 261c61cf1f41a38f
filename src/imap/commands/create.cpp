#include <mailpod/store/special_use.hpp>

#include "../grammar.hpp"
#include "../listing.hpp"
#include "../mailbox_object_id.hpp"
#include "commands.hpp"

// RFC 3501 §6.3.3, RFC 9051 §6.3.4, with the special use of RFC 6154 §3 and the MAILBOXID of RFC 8474 §4.1.
namespace mailpod::imap::commands {
namespace {

struct Create {
  NamedMailbox mailbox;
  std::vector<std::string> uses;  // without backslash
};

/// `(USE (\Drafts))`
text::Parsed<std::vector<std::string>> parse_uses(text::Cursor& in) {
  if (!in.take('(') || !in.take_word("USE") || !in.take_space() || !in.take('(')) return in.error("(USE (attribute))");
  std::vector<std::string> uses;
  if (!in.take(')')) {
    do {
      if (uses.size() == 16) return in.error("fewer special uses");
      if (!in.take('\\')) return in.error("a special use such as \\Drafts");
      auto use = parse_atom(in);
      if (use.has_error()) return use.error();
      uses.push_back(std::move(*use));
    } while (in.take_space());
    if (!in.take(')')) return in.error("')'");
  }
  if (!in.take(')')) return in.error("')'");
  return uses;
}

text::Parsed<Create> parse(text::Cursor& in, const Dialect& dialect) {
  if (!in.take_space()) return in.error("SP and a mailbox name");
  auto mailbox = parse_named_mailbox(in, dialect);
  if (mailbox.has_error()) return mailbox.error();
  Create create{std::move(*mailbox), {}};
  // `a/` says that mailboxes below it are to come; every mailbox may have some.
  for (auto* name : {&create.mailbox.name, &create.mailbox.as_given}) {
    if (name->size() > 1 && name->ends_with('/')) name->pop_back();
  }
  if (in.take_space()) {
    auto uses = parse_uses(in);
    if (uses.has_error()) return uses.error();
    create.uses = std::move(*uses);
  }
  return create;
}

awaitable<Answer> run(Session& session, const Create& create) {
  auto use = store::SpecialUse::none;
  if (!create.uses.empty()) {
    const auto known = store::special_use_for('\\' + create.uses.front());
    // One mailbox, one use: RFC 6154 §3 lets a server refuse what it does not support.
    if (create.uses.size() > 1 || !known) co_return no("[USEATTR] A mailbox cannot have this special use");
    use = *known;
  }
  auto& vault = session.vault();
  const auto change = [&] { return vault.create_mailbox(create.mailbox.name, use); };
  const auto created = co_await session.on_lane(change);
  if (created.has_error()) co_return session.answer_for(created.error());
  const auto state = vault.state();
  const auto mailbox = state->find(*created);
  if (!mailbox) co_return ok("CREATE completed");  // and another session deleted it already
  const auto attributes = attributes_of(*state, *mailbox);
  write_old_name(session.out().text(), create.mailbox.as_given, {attributes, mailbox->name}, session.dialect());
  co_return ok("[MAILBOXID (" + mailbox_object_id(vault.member(), *mailbox) + ")] CREATE completed");
}

}  // namespace

awaitable<Answer> create(Session& session, text::Cursor in) {
  return parse_and_run<Create>(session, in, parse, run);
}

}  // namespace mailpod::imap::commands
