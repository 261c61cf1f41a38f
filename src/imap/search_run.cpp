#include "search_run.hpp"

#include <fmt/format.h>

#include "search_scan.hpp"

namespace mailpod::imap {

awaitable<std::optional<Found>> run_search(Session& session, const SearchProgram& program, const View& view,
                                           Progress& progress) {
  // RFC 7162 §3.2.10.2: message numbers among the keys keep their meaning until the answer.
  if (program.uses_numbers) session.keep_numbers();
  if (program.asks_mod_seq) session.enable_condstore();
  SearchScan scan(program, view, session.vault(), session.ports().clock);
  auto running = run_in_slices(session, scan, progress);
  const bool finished = co_await std::move(running);
  if (!finished) co_return std::nullopt;
  progress.pass(view.count());
  Found found;
  found.messages = scan.found();
  found.scores = scan.scores();
  found.unreadable = scan.unreadable();
  if (program.asks_mod_seq) found.mod_seq = highest_mod_seq(view, found.messages);
  co_return found;
}

std::optional<Answer> why_not_search(Session& session, const SearchProgram& program, const SearchReturn& returned) {
  if (program.uses_numbers && session.enabled().uid_only) return bad("[UIDREQUIRED] Search by UID");
  if (program.known_charset) return std::nullopt;
  if (returned.save && session.has_selected()) session.selected().view.save({});
  return no("[BADCHARSET (UTF-8 US-ASCII)] Unknown charset");
}

Answer search_completed(std::string_view command, const Found& found) {
  if (found.unreadable == 0) return ok(fmt::format("{} completed", command));
  return ok(fmt::format("{} completed, {} messages could not be read", command, found.unreadable));
}

SearchLimits search_limits(const Settings& settings) {
  return {.depth = settings.search_depth, .keys = settings.search_keys, .set_ranges = settings.set_ranges};
}

}  // namespace mailpod::imap
