#include <map>
#include <set>

#include "../grammar.hpp"
#include "../list_pattern.hpp"
#include "../listing.hpp"
#include "commands.hpp"

// RFC 3501 §6.3.9.
namespace mailpod::imap::commands {
namespace {

struct Lsub {
  std::string pattern;  ///< reference and pattern are simply joined: Mailpod has one namespace
};

text::Parsed<Lsub> parse(text::Cursor& in, const Dialect& dialect) {
  if (!in.take_space()) return in.error("SP and a reference name");
  const auto reference = parse_mailbox(in, dialect);
  if (reference.has_error()) return reference.error();
  if (!in.take_space()) return in.error("SP and a mailbox pattern");
  const auto pattern = parse_list_mailbox(in, dialect);
  if (pattern.has_error()) return pattern.error();
  return Lsub{*reference + *pattern};
}

/// Subscribed names that match. Where only a name below matches no longer (`%` ends at a level), the level above that
/// does match stands for it.
struct Matches {
  std::map<std::string, std::string_view> subscribed;  ///< and its attributes
  std::set<std::string> above;
};

void look_at(const std::string& name, std::string_view attributes, const ListPattern& pattern, Matches& found) {
  if (pattern.matches(name)) {
    found.subscribed.emplace(name, attributes);
    return;
  }
  std::string_view parent = name;
  for (auto slash = parent.rfind('/'); slash != std::string_view::npos; slash = parent.rfind('/')) {
    parent = parent.substr(0, slash);
    if (pattern.matches(parent)) found.above.emplace(parent);
  }
}

awaitable<Matches> matches_for(const store::VaultState& vault, const ListPattern& pattern, Output& out) {
  Matches found;
  for (const auto& mailbox : vault.mailboxes) {
    co_await out.flush_if_large();
    if (mailbox->subscribed) look_at(mailbox->name, mailbox->selectable ? "" : "\\Noselect", pattern, found);
  }
  if (!vault.subscribed_names) co_return found;
  for (const auto& name : *vault.subscribed_names) {
    co_await out.flush_if_large();
    look_at(name, {}, pattern, found);
  }
  co_return found;
}

awaitable<Answer> run(Session& session, const Lsub& lsub) {
  auto& out = session.out();
  const ListPattern pattern(lsub.pattern);
  const auto vault = session.vault().state();
  const auto found = co_await matches_for(*vault, pattern, out);
  for (const auto& [name, attributes] : found.subscribed) {
    write_list_response(out.text(), "LSUB", {attributes, name}, session.dialect());
    co_await out.flush_if_large();
  }
  for (const auto& name : found.above) {
    if (!found.subscribed.contains(name)) {
      write_list_response(out.text(), "LSUB", {"\\Noselect", name}, session.dialect());
    }
    co_await out.flush_if_large();
  }
  co_return ok("LSUB completed");
}

}  // namespace

awaitable<Answer> lsub(Session& session, text::Cursor in) {
  return parse_and_run<Lsub>(session, in, parse, run);
}

}  // namespace mailpod::imap::commands
