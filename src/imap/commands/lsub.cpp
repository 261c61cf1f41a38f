#include <set>

#include "../list_pattern.hpp"
#include "../listing.hpp"
#include "commands.hpp"

// RFC 3501 §6.3.9.
namespace mailpod::imap::commands {
namespace {

/// Subscribed names that match. Where only a name below matches no longer (`%` ends at a level), the level above that
/// does match stands for it.
struct Matches {
  std::set<std::string> subscribed;
  std::set<std::string> above;
};

awaitable<Matches> matches_for(const store::VaultState& vault, const ListPattern& pattern, Output& out) {
  Matches found;
  for (const auto& mailbox : vault.mailboxes) {
    co_await out.flush_if_large();
    if (!mailbox->subscribed) continue;
    if (pattern.matches(mailbox->name)) {
      found.subscribed.insert(mailbox->name);
      continue;
    }
    std::string_view parent = mailbox->name;
    for (auto slash = parent.rfind('/'); slash != std::string_view::npos; slash = parent.rfind('/')) {
      parent = parent.substr(0, slash);
      if (pattern.matches(parent)) found.above.emplace(parent);
    }
  }
  co_return found;
}

awaitable<Answer> run(Session& session, const ListRequest& lsub) {
  auto& out = session.out();
  const ListPattern pattern(lsub.canonical());
  const auto vault = session.vault().state();
  const auto found = co_await matches_for(*vault, pattern, out);
  for (const auto& name : found.subscribed) {
    const auto mailbox = vault->find(name);
    write_list_response(out.text(), "LSUB", mailbox && !mailbox->selectable ? "\\Noselect" : "", name, session.dialect());
    co_await out.flush_if_large();
  }
  for (const auto& name : found.above) {
    if (!found.subscribed.contains(name)) write_list_response(out.text(), "LSUB", "\\Noselect", name, session.dialect());
    co_await out.flush_if_large();
  }
  co_return ok("LSUB completed");
}

}  // namespace

awaitable<Answer> lsub(Session& session, text::Cursor in) {
  return parse_and_run<ListRequest>(session, in, parse_list_request, run);
}

}  // namespace mailpod::imap::commands
