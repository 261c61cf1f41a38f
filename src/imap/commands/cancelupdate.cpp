#include "../grammar.hpp"
#include "commands.hpp"

// RFC 5267 §4.3.5.
namespace mailpod::imap::commands {
namespace {

struct CancelUpdate {
  std::vector<std::string> tags;
};

text::Parsed<CancelUpdate> parse(text::Cursor& in, const Dialect&) {
  constexpr std::size_t limit = 100;
  CancelUpdate cancel;
  while (in.take_space()) {
    if (cancel.tags.size() == limit) return in.error("fewer tags");
    auto tag = parse_string(in);
    if (tag.has_error()) return tag.error();
    cancel.tags.push_back(std::move(*tag));
  }
  if (cancel.tags.empty()) return in.error("SP and a quoted tag");
  return cancel;
}

awaitable<Answer> run(Session& session, const CancelUpdate& cancel) {
  bool all_known = true;
  for (const auto& tag : cancel.tags) all_known = session.selected().searches.cancel(tag) && all_known;
  co_return all_known ? ok("No further updates") : bad("No search of this tag is followed");
}

}  // namespace

awaitable<Answer> cancel_update(Session& session, text::Cursor in) {
  return parse_and_run<CancelUpdate>(session, in, parse, run);
}

}  // namespace mailpod::imap::commands
