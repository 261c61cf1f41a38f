#include <algorithm>

#include <mailpod/text/ascii.hpp>

#include "../grammar.hpp"
#include "commands.hpp"

// RFC 5255 §3. What the server says to people it says in English, which is `i-default` too.
namespace mailpod::imap::commands {
namespace {

constexpr std::string_view english = "en";
constexpr std::string_view by_default = "i-default";

struct Language {
  std::vector<std::string> ranges;  ///< as RFC 4647 §2.1 has them, or `default`
};

text::Parsed<Language> parse(text::Cursor& in, const Dialect&) {
  constexpr std::size_t most = 32;
  Language language;
  while (in.take_space()) {
    if (language.ranges.size() == most) return in.error("fewer languages");
    auto range = parse_astring(in);
    if (range.has_error()) return range.error();
    language.ranges.push_back(std::move(*range));
  }
  return language;
}

/// `en-GB` is served by `en`: RFC 4647 §3.4. `*` is any.
std::string_view match(std::string_view range) {
  if (range == "*" || text::equal_fold(range, english) || text::starts_with_fold(range, "en-")) return english;
  if (text::equal_fold(range, by_default) || text::equal_fold(range, "default")) return by_default;
  return {};
}

awaitable<Answer> run(Session& session, const Language& language) {
  if (language.ranges.empty()) {
    session.out().line("* LANGUAGE (en i-default)");
    co_return ok("LANGUAGE completed");
  }
  for (const auto& range : language.ranges) {
    const auto found = match(range);
    if (found.empty()) continue;
    session.out().line("* LANGUAGE (" + std::string(found) + ")");
    co_return ok("LANGUAGE completed");
  }
  co_return no("None of these languages");
}

}  // namespace

awaitable<Answer> language(Session& session, text::Cursor in) {
  return parse_and_run<Language>(session, in, parse, run);
}

}  // namespace mailpod::imap::commands
