#include "search_run.hpp"

#include <fmt/format.h>

#include "search_filters.hpp"
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

namespace {

/// RFC 5466 §3.2.
Answer refusal_of(const UnusableFilter& filter) {
  constexpr std::string_view reasons[] = {"There is no such filter", "The filter is no search", "Too many filters"};
  return no(fmt::format("[UNDEFINED-FILTER {}] {}", filter.name, reasons[static_cast<std::size_t>(filter.why)]));
}

}  // namespace

std::optional<Answer> why_not_search(Session& session, SearchProgram& program, const SearchReturn& returned) {
  std::optional<Answer> refusal;
  const auto annotations = session.vault().state()->annotations;
  auto limits = search_limits(session.dialect());
  limits.utf8_only = false;  // a filter was written once for all sessions
  if (!program.known_charset) {
    refusal = no("[BADCHARSET (UTF-8 US-ASCII)] Unknown charset");
  } else if (const auto unusable = resolve_filters(program, annotations.get(), limits)) {
    refusal = refusal_of(*unusable);
  }
  if (refusal && returned.save && session.has_selected()) session.selected().view.save({});
  if (!refusal && program.uses_numbers && session.enabled().uid_only) return bad("[UIDREQUIRED] Search by UID");
  return refusal;
}

Answer search_completed(std::string_view command, const Found& found) {
  if (found.unreadable == 0) return ok(fmt::format("{} completed", command));
  return ok(fmt::format("{} completed, {} messages could not be read", command, found.unreadable));
}

SearchLimits search_limits(const Dialect& dialect) {
  const auto& settings = dialect.settings;
  return {.depth = settings.search_depth,
          .keys = settings.search_keys,
          .set_ranges = settings.set_ranges,
          .utf8_only = dialect.enabled.utf8_accept};
}

}  // namespace mailpod::imap
