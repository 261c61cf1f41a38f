#include <algorithm>

#include "../live_search.hpp"
#include "../search_run.hpp"
#include "../sort_scan.hpp"
#include "commands.hpp"

// SORT, RFC 5256 §3, with the RETURN options of RFC 5267 §3.
namespace mailpod::imap::commands {
namespace {

struct Sort {
  Numbers by;
  SearchReturn returned;
  SortCriteria criteria;
  SearchProgram program;
};

bool sorts_by_relevancy(const SortCriteria& criteria) {
  return std::ranges::find(criteria, SortCriterion::Key::relevancy, &SortCriterion::key) != criteria.end();
}

template <Numbers by>
text::Parsed<Sort> parse(text::Cursor& in, const Dialect& dialect) {
  const auto returned = parse_search_return(in, dialect);
  if (returned.has_error()) return returned.error();
  if (!in.take_space()) return in.error("SP and a list of sort keys");
  auto criteria = parse_sort_criteria(in);
  if (criteria.has_error()) return criteria.error();
  if (!in.take_space()) return in.error("SP and a charset");
  auto program = parse_search_criteria(in, search_limits(dialect));
  if (program.has_error()) return program.error();
  if (!program->asks_fuzzily && (returned->relevancy || sorts_by_relevancy(*criteria))) {
    return in.error("FUZZY, where RELEVANCY is asked for");  // RFC 6203 §4, §6
  }
  return Sort{by, *returned, std::move(*criteria), std::move(*program)};
}

awaitable<Answer> run(Session& session, const Sort& asked) {
  auto sort = asked;
  if (const auto reason = why_no_update(session, sort.returned)) co_return bad(std::string(*reason));
  if (auto refusal = why_not_search(session, sort.program, sort.returned)) co_return std::move(*refusal);
  auto& view = session.selected().view;
  Progress progress(session, std::uint64_t{view.count()} * 2);
  auto searching = run_search(session, sort.program, view, progress);
  auto found = co_await std::move(searching);
  if (!found) co_return session.answer_for(store::Errc::closed);
  SortScan scan(sort.criteria, std::move(*found), view, session.vault(), session.ports().clock);
  auto sorting = run_in_slices(session, scan, progress);
  const bool finished = co_await std::move(sorting);
  if (!finished) co_return session.answer_for(store::Errc::closed);
  const auto& sorted = scan.sorted();
  if (sort.returned.save) view.save(saved_by(sort.returned, view, sorted));
  if (!sort.returned.is_silent()) {
    const auto form = sort.returned.said ? SearchAnswer::Form::esearch : SearchAnswer::Form::sort;
    const SearchAnswer answer{form, sort.by, sort.returned, std::nullopt, sort.criteria};
    co_await write_search_answer(session, view, sorted, answer);
    if (sort.returned.update) follow(session, sort.program, sorted, answer);
  }
  co_return search_completed("SORT", sorted);
}

}  // namespace

awaitable<Answer> sort(Session& session, text::Cursor in) {
  return parse_and_run<Sort>(session, in, parse<Numbers::sequence>, run);
}

awaitable<Answer> uid_sort(Session& session, text::Cursor in) {
  return parse_and_run<Sort>(session, in, parse<Numbers::uid>, run);
}

}  // namespace mailpod::imap::commands
