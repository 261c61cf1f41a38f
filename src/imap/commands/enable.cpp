#include <algorithm>

#include <mailpod/text/ascii.hpp>

#include "../grammar.hpp"
#include "commands.hpp"

// RFC 5161.
namespace mailpod::imap::commands {
namespace {

/// What can be switched on, and what that means; in the order of their RFCs.
struct Row {
  std::string_view name;
  void (*switch_on)(Enabled& enabled);
};
constexpr Row rows[] = {
    {"METADATA", [](Enabled& enabled) { enabled.metadata = true; }},
    {"UTF8=ACCEPT", [](Enabled& enabled) { enabled.utf8_accept = true; }},
    {"CONDSTORE", [](Enabled& enabled) { enabled.condstore = true; }},
    {"QRESYNC", [](Enabled& enabled) { enabled.qresync = enabled.condstore = true; }},
    {"IMAP4rev2", [](Enabled& enabled) { enabled.imap4rev2 = true; }},
    {"UIDONLY", [](Enabled& enabled) { enabled.uid_only = true; }},
};

struct Enable {
  std::vector<const Row*> asked;  ///< names that nobody knows are passed over: RFC 5161 §3.1
};

text::Parsed<Enable> parse(text::Cursor& in, const Dialect&) {
  constexpr unsigned limit = 30;
  Enable enable;
  unsigned count = 0;
  while (in.take_space()) {
    if (++count > limit) return in.error("fewer capabilities");
    const auto name = parse_atom(in);
    if (name.has_error()) return name.error();
    const auto* row = std::ranges::find_if(rows, [&](const Row& one) { return text::equal_fold(one.name, *name); });
    const bool known = row != std::end(rows);
    if (known && std::ranges::find(enable.asked, &*row) == enable.asked.end()) enable.asked.push_back(row);
  }
  if (count == 0) return in.error("SP and a capability");
  return enable;
}

awaitable<Answer> run(Session& session, const Enable& enable) {
  auto next = session.enabled();
  std::string enabled = "* ENABLED";
  for (const auto* row : enable.asked) {
    row->switch_on(next);
    enabled += ' ';
    enabled += row->name;
  }
  session.out().line(enabled);
  if (next.condstore) session.enable_condstore();
  session.enabled() = next;
  co_return ok("ENABLE completed");
}

}  // namespace

awaitable<Answer> enable(Session& session, text::Cursor in) {
  return parse_and_run<Enable>(session, in, parse, run);
}

}  // namespace mailpod::imap::commands
