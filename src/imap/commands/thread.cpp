#include "../grammar.hpp"
#include "../search_run.hpp"
#include "../threads.hpp"
#include "commands.hpp"

// THREAD, RFC 5256 §3.
namespace mailpod::imap::commands {
namespace {

struct Algorithm {
  std::string_view name;
  ThreadAlgorithm threads;
};
/// The capabilities THREAD=… name the same.
constexpr Algorithm algorithms[] = {
    {"ORDEREDSUBJECT", ThreadAlgorithm::ordered_subject},
    {"REFERENCES", ThreadAlgorithm::references},
    {"REFS", ThreadAlgorithm::refs},
};

struct Thread {
  Numbers by;
  const Algorithm* algorithm;
  SearchProgram program;
};

const Algorithm* parse_algorithm(text::Cursor& in) {
  for (const auto& algorithm : algorithms) {
    if (in.take_word(algorithm.name, octets::atom_char)) return &algorithm;
  }
  return nullptr;
}

template <Numbers by>
text::Parsed<Thread> parse(text::Cursor& in, const Dialect& dialect) {
  if (!in.take_space()) return in.error("SP and a threading algorithm");
  const auto* algorithm = parse_algorithm(in);
  if (algorithm == nullptr) return in.error("a threading algorithm");
  if (!in.take_space()) return in.error("SP and a charset");
  auto program = parse_search_criteria(in, search_limits(dialect));
  if (program.has_error()) return program.error();
  return Thread{by, algorithm, std::move(*program)};
}

awaitable<Answer> run(Session& session, const Thread& asked) {
  auto thread = asked;
  if (auto refusal = why_not_search(session, thread.program, {})) co_return std::move(*refusal);
  const auto& view = session.selected().view;
  Progress progress(session, std::uint64_t{view.count()} * 2);
  auto searching = run_search(session, thread.program, view, progress);
  auto found = co_await std::move(searching);
  if (!found) co_return session.answer_for(store::Errc::closed);
  ThreadScan scan(std::move(found->messages), view, session.vault(), session.ports().clock);
  auto reading = run_in_slices(session, scan, progress);
  const bool all_read = co_await std::move(reading);
  if (!all_read) co_return session.answer_for(store::Errc::closed);
  progress.pass(view.count());
  ThreadBuild build(thread.algorithm->threads, scan, session.ports().clock);
  auto building = run_in_slices(session, build, progress);
  const bool all_built = co_await std::move(building);
  if (!all_built) co_return session.answer_for(store::Errc::closed);
  co_await write_threads(session, view, build.forest(), thread.by);
  co_return search_completed("THREAD", *found);
}

}  // namespace

awaitable<Answer> thread(Session& session, text::Cursor in) {
  return parse_and_run<Thread>(session, in, parse<Numbers::sequence>, run);
}

awaitable<Answer> uid_thread(Session& session, text::Cursor in) {
  return parse_and_run<Thread>(session, in, parse<Numbers::uid>, run);
}

}  // namespace mailpod::imap::commands
