#include <algorithm>

#include "../live_search.hpp"
#include "../search_run.hpp"
#include "../search_sources.hpp"
#include "commands.hpp"

// A search of several mailboxes, RFC 7377.
namespace mailpod::imap::commands {
namespace {

struct Esearch {
  SearchSources sources;
  SearchReturn returned;
  SearchProgram program;

  bool names_selected() const {
    return std::ranges::find(sources, MailboxFilter::Of::selected, &MailboxFilter::of) != sources.end();
  }
};

text::Parsed<Esearch> parse(text::Cursor& in, const Dialect& dialect) {
  auto sources = parse_search_sources(in, dialect);
  if (sources.has_error()) return sources.error();
  auto returned = parse_search_return(in, dialect);
  if (returned.has_error()) return returned.error();
  if (!returned->said) returned->all = true;
  if (!in.take_space()) return in.error("SP and a search key");
  auto program = parse_search(in, search_limits(dialect));
  if (program.has_error()) return program.error();
  if (returned->relevancy && !program->asks_fuzzily) return in.error("FUZZY, where RELEVANCY is asked for");
  Esearch search{std::move(*sources), *returned, std::move(*program)};
  // RFC 7377 §2.2
  if (returned->save && !std::ranges::all_of(search.sources, [](const MailboxFilter& source) {
        return source.of == MailboxFilter::Of::selected;
      }))
    return in.error("SAVE of the selected mailbox alone");
  return search;
}

/// Answers for one mailbox. False if the vault was closed meanwhile.
awaitable<bool> search_one(Session& session, const Esearch& search, View& view, Progress& progress) {
  const bool is_selected = session.has_selected() && &view == &session.selected().view;
  auto searching = run_search(session, search.program, view, progress);
  const auto found = co_await std::move(searching);
  if (!found) co_return false;
  if (search.returned.save) view.save(saved_by(search.returned, view, *found));
  const SearchAnswer answer{SearchAnswer::Form::esearch, Numbers::uid, search.returned, view.mailbox().name};
  if (search.returned.update && is_selected) follow(session, search.program, *found, answer);
  // RFC 7377 §2.1: nothing at all of a mailbox in which nothing is found.
  if (found->messages.empty() || search.returned.is_silent()) co_return true;
  co_await write_search_answer(session, view, *found, answer);
  co_return true;
}

std::optional<store::MailboxId> id_of(const std::shared_ptr<const store::MailboxState>& mailbox) {
  return mailbox->id;
}

awaitable<Answer> run(Session& session, const Esearch& asked) {
  auto search = asked;
  if (search.names_selected() && !session.has_selected()) co_return bad("Select a mailbox first, or name others");
  if (const auto reason = why_no_update(session, search.returned)) co_return bad(std::string(*reason));
  if (auto refusal = why_not_search(session, search.program, search.returned)) co_return std::move(*refusal);
  const auto selected = session.has_selected() ? std::optional(session.selected().id) : std::nullopt;
  const auto mailboxes = mailboxes_in(search.sources, *session.vault().state(), selected);
  std::uint64_t goal = 0;
  for (const auto& mailbox : mailboxes) goal += mailbox->count;
  Progress progress(session, goal);
  for (const auto& mailbox : mailboxes) {
    std::optional<View> other;
    if (mailbox->id != selected) other.emplace(mailbox);
    auto& view = other ? *other : session.selected().view;
    auto searching = search_one(session, search, view, progress);
    const bool searched = co_await std::move(searching);
    if (!searched) co_return session.answer_for(store::Errc::closed);
    co_await session.out().flush_if_large();
  }
  if (search.returned.update && std::ranges::find(mailboxes, selected, id_of) == mailboxes.end()) {
    refuse_to_follow(session, "The selected mailbox is not among those that are searched");
  }
  co_return ok("ESEARCH completed");
}

}  // namespace

awaitable<Answer> esearch(Session& session, text::Cursor in) {
  return parse_and_run<Esearch>(session, in, parse, run);
}

}  // namespace mailpod::imap::commands
