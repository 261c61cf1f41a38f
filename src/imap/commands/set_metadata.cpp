#include <algorithm>

#include <fmt/format.h>

#include <mailpod/store/special_use.hpp>

#include "../annotation.hpp"
#include "../grammar.hpp"
#include "commands.hpp"

// RFC 5464 §4.3.
namespace mailpod::imap::commands {
namespace {

struct SetMetadata {
  std::string mailbox;  ///< empty: the server
  std::vector<store::Vault::Annotation> annotations;
};

text::Parsed<SetMetadata> parse(text::Cursor& in, const Dialect& dialect) {
  constexpr std::size_t most = 100;
  SetMetadata set;
  if (!in.take_space()) return in.error("SP and a mailbox name");
  auto mailbox = parse_mailbox(in, dialect);
  if (mailbox.has_error()) return mailbox.error();
  set.mailbox = std::move(*mailbox);
  if (!in.take_space() || !in.take('(')) return in.error("SP and a list of entries and values");
  do {
    if (set.annotations.size() == most) return in.error("fewer entries");
    auto entry = parse_entry(in, dialect);
    if (entry.has_error()) return entry.error();
    if (!in.take_space()) return in.error("SP and a value");
    auto value = parse_annotation_value(in);
    if (value.has_error()) return value.error();
    set.annotations.push_back({std::move(*entry), std::move(*value)});
  } while (in.take_space());
  if (!in.take(')')) return in.error("')'");
  return set;
}

/// What all members of the pod would see is not for one of them to write: docs/decisions/0103.
bool is_the_pods(const SetMetadata& set) {
  return set.mailbox.empty() &&
         std::ranges::any_of(set.annotations, [](const auto& one) { return one.entry.starts_with("/shared/"); });
}

/// Whether the mailbox can have the special uses that are to be set, as with CREATE: RFC 6154 §4. One a mailbox; INBOX
/// none.
bool takes_special_use(Session& session, const SetMetadata& set) {
  if (set.mailbox.empty()) return true;
  const auto mailbox = session.vault().state()->find(set.mailbox);
  return std::ranges::all_of(set.annotations, [&](const auto& one) {
    if (one.entry != store::special_use_entry || !one.value) return true;
    return store::special_use_for(*one.value) && mailbox && mailbox->selectable && mailbox->name != "INBOX";
  });
}

Answer answer_for(Session& session, const boost::system::error_code& error) {
  if (error != store::Errc::annotation_too_big) return session.answer_for(error);
  return no(fmt::format("[METADATA MAXSIZE {}] The annotation is too big", session.vault().annotation_limit()));
}

awaitable<Answer> run(Session& session, const SetMetadata& set) {
  if (is_the_pods(set)) co_return no("[NOPERM] What the server says to everybody is not for members to write");
  if (!takes_special_use(session, set)) co_return no("[USEATTR] A mailbox cannot have this special use");
  auto& vault = session.vault();
  std::shared_ptr<const store::VaultState> before;
  std::shared_ptr<const store::VaultState> after;
  const auto change = [&]() -> Status {
    before = vault.state();
    auto changed = vault.annotate(set.mailbox, set.annotations);
    after = vault.state();
    return changed;
  };
  const auto changed = co_await session.on_lane(change);
  if (changed.has_error()) co_return answer_for(session, changed.error());
  if (session.dialect().enabled.metadata) {
    session.annotation_watch().own_change(session.out().text(), before, after, session.dialect());
  }
  co_return ok("SETMETADATA completed");
}

}  // namespace

awaitable<Answer> set_metadata(Session& session, text::Cursor in) {
  return parse_and_run<SetMetadata>(session, in, parse, run);
}

}  // namespace mailpod::imap::commands
