#include <algorithm>

#include <fmt/format.h>

#include "../response.hpp"
#include "../search_scan.hpp"
#include "commands.hpp"

// RFC 3501 §6.4.4, by looking at every message.
namespace mailpod::imap::commands {
namespace {

constexpr std::chrono::milliseconds slice{50};

text::Parsed<SearchProgram> parse(text::Cursor& in, const Dialect& dialect) {
  if (!in.take_space()) return in.error("SP and a search key");
  const SearchLimits limits{.depth = dialect.settings.search_depth,
                            .keys = dialect.settings.search_keys,
                            .set_ranges = dialect.settings.set_ranges};
  return parse_search(in, limits);
}

/// ` (MODSEQ 917162500)`, where MODSEQ was searched for and something was found. RFC 7162 §3.1.6.
void write_highest_mod_seq(std::string& out, const View& view, const std::vector<store::SeqNum>& found) {
  store::ModSeq highest;
  for (const auto number : found) highest = std::max(highest, view.at(number).mod_seq);
  if (found.empty()) return;
  out += " (MODSEQ ";
  write_number(out, highest.value);
  out += ')';
}

awaitable<void> write_found(Session& session, const SearchScan& scan, Numbers by) {
  auto& out = session.out();
  const auto& found = scan.found();
  out.text() += "* SEARCH";
  for (const auto number : found) {
    out.text() += ' ';
    write_number(out.text(), by == Numbers::uid ? session.selected().view.at(number).uid.value : number.value);
    co_await out.flush_if_large();
  }
  if (scan.program().asks_mod_seq) write_highest_mod_seq(out.text(), session.selected().view, found);
  out.text() += "\r\n";
}

/// In slices, so that a revoked session stops soon. False if it was.
awaitable<bool> scan_all(Session& session, SearchScan& scan) {
  const auto open = session.open_vault();
  const auto work = [&scan] { return scan.next(slice); };
  bool more = true;
  while (more) {
    if (session.vault_is_closed()) co_return false;
    more = co_await open->pool().run(work);
  }
  // A message that the closed vault no longer read would count as one that is not found.
  co_return !session.vault_is_closed();
}

template <Numbers by>
awaitable<Answer> run(Session& session, const SearchProgram& program) {
  if (!program.known_charset) co_return no("[BADCHARSET (UTF-8 US-ASCII)] Unknown charset");
  if (program.uses_numbers && session.enabled().uid_only) co_return bad("[UIDREQUIRED] Search by UID");
  // RFC 7162 §3.2.10.2: message numbers among the keys keep their meaning until the answer.
  if (program.uses_numbers) session.keep_numbers();
  if (program.asks_mod_seq) session.enable_condstore();
  SearchScan scan(program, session.selected().view, session.vault(), session.ports().clock);
  const bool scanned = co_await scan_all(session, scan);
  if (!scanned) co_return session.answer_for(store::Errc::closed);
  co_await write_found(session, scan, by);
  if (scan.unreadable() > 0)
    co_return ok(fmt::format("SEARCH completed, {} messages could not be read", scan.unreadable()));
  co_return ok("SEARCH completed");
}

}  // namespace

awaitable<Answer> search(Session& session, text::Cursor in) {
  return parse_and_run<SearchProgram>(session, in, parse, run<Numbers::sequence>);
}

awaitable<Answer> uid_search(Session& session, text::Cursor in) {
  return parse_and_run<SearchProgram>(session, in, parse, run<Numbers::uid>);
}

}  // namespace mailpod::imap::commands
