#include "../live_search.hpp"
#include "../search_run.hpp"
#include "commands.hpp"

// RFC 3501 §6.4.4, with the RETURN options of RFC 4731, RFC 5182 and RFC 9394.
namespace mailpod::imap::commands {
namespace {

struct Search {
  Numbers by;
  SearchReturn returned;
  SearchAnswer::Form form;
  SearchProgram program;
};

template <Numbers by>
text::Parsed<Search> parse(text::Cursor& in, const Dialect& dialect) {
  auto returned = parse_search_return(in, dialect);
  if (returned.has_error()) return returned.error();
  auto form = returned->said ? SearchAnswer::Form::esearch : SearchAnswer::Form::search;
  if (!returned->said && dialect.enabled.imap4rev2) {
    // RFC 9051 §6.4.4: nothing but ESEARCH, and without options as if ALL were asked.
    form = SearchAnswer::Form::esearch;
    returned->all = true;
  }
  if (!in.take_space()) return in.error("SP and a search key");
  auto program = parse_search(in, search_limits(dialect));
  if (program.has_error()) return program.error();
  if (returned->relevancy && !program->asks_fuzzily) return in.error("FUZZY, where RELEVANCY is asked for");
  return Search{by, *returned, form, std::move(*program)};
}

awaitable<Answer> run(Session& session, const Search& asked) {
  auto search = asked;
  if (const auto reason = why_no_update(session, search.returned)) co_return bad(std::string(*reason));
  if (auto refusal = why_not_search(session, search.program, search.returned)) co_return std::move(*refusal);
  auto& view = session.selected().view;
  Progress progress(session, view.count());
  auto searching = run_search(session, search.program, view, progress);
  const auto found = co_await std::move(searching);
  if (!found) co_return session.answer_for(store::Errc::closed);
  if (search.returned.save) view.save(saved_by(search.returned, view, *found));
  if (!search.returned.is_silent()) {
    const SearchAnswer answer{search.form, search.by, search.returned};
    co_await write_search_answer(session, view, *found, answer);
    if (search.returned.update) follow(session, search.program, *found, answer);
  }
  co_return search_completed("SEARCH", *found);
}

}  // namespace

awaitable<Answer> search(Session& session, text::Cursor in) {
  return parse_and_run<Search>(session, in, parse<Numbers::sequence>, run);
}

awaitable<Answer> uid_search(Session& session, text::Cursor in) {
  return parse_and_run<Search>(session, in, parse<Numbers::uid>, run);
}

}  // namespace mailpod::imap::commands
