// Reads any octets as what APPEND says of its messages, stretch by stretch: within the limits, each message begun and
// ended once, and the same whether it is asked before or reads at once.

#include <cstdlib>
#include <string_view>

#include "../../src/imap/append_grammar.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace mailpod;
  if (size > 20'000) return 0;
  const imap::Settings settings;
  imap::Dialect dialect{settings};
  dialect.enabled.utf8_accept = size % 2 == 1;
  imap::AppendGrammar grammar(dialect, {.messages = 5, .parts = 9});
  std::string_view octets(reinterpret_cast<const char*>(data), size);
  int open = 0;
  std::size_t parts = 0;
  while (true) {
    // A line ends a stretch where a literal's mark would stand.
    const auto end = octets.find('\n');
    text::Cursor in(octets.substr(0, end));
    const bool awaited = grammar.awaits_literal(in);
    const auto stretch = grammar.read(in);
    if (awaited != (stretch.has_value() && stretch->literal_follows)) std::abort();
    if (stretch.has_error()) return 0;
    for (const auto& step : stretch->steps) {
      if (std::holds_alternative<imap::MessageBegins>(step) && ++open != 1) std::abort();
      if (std::holds_alternative<imap::MessageEnds>(step) && --open != 0) std::abort();
      parts += std::holds_alternative<imap::UrlPart>(step) || std::holds_alternative<imap::LiteralPart>(step) ? 1 : 0;
    }
    if (parts > 9 || (!stretch->literal_follows && open != 0)) std::abort();
    if (!stretch->literal_follows || end == std::string_view::npos) return 0;
    octets.remove_prefix(end + 1);
  }
}
