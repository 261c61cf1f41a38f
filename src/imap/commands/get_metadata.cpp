#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include <mailpod/text/ascii.hpp>

#include "../annotation.hpp"
#include "../grammar.hpp"
#include "../response.hpp"
#include "commands.hpp"

// RFC 5464 §4.2.
namespace mailpod::imap::commands {
namespace {

enum class Depth { none, one, infinity };

struct GetMetadata {
  std::string mailbox;  ///< empty: the server
  std::vector<std::string> entries;
  std::size_t max_size = std::numeric_limits<std::size_t>::max();
  Depth depth = Depth::none;
};

std::optional<text::ParseError> take_depth(text::Cursor& in, GetMetadata& get) {
  if (in.take_word("0")) {
    get.depth = Depth::none;
  } else if (in.take_word("1")) {
    get.depth = Depth::one;
  } else if (in.take_word("infinity")) {
    get.depth = Depth::infinity;
  } else {
    return in.error("0, 1 or infinity");
  }
  return std::nullopt;
}

/// `(MAXSIZE 1024 DEPTH 1)`
std::optional<text::ParseError> take_options(text::Cursor& in, GetMetadata& get) {
  if (!in.take('(')) return in.error("a list of options");
  constexpr unsigned most = 8;
  unsigned count = 0;
  do {
    if (++count > most) return in.error("fewer options");
    if (in.take_word("MAXSIZE")) {
      if (!in.take_space()) return in.error("SP and a size");
      const auto size = parse_number(in);
      if (size.has_error()) return size.error();
      get.max_size = *size;
    } else if (in.take_word("DEPTH")) {
      if (!in.take_space()) return in.error("SP and a depth");
      if (auto trouble = take_depth(in, get)) return trouble;
    } else {
      return in.error("MAXSIZE or DEPTH");
    }
  } while (in.take_space());
  if (!in.take(')')) return in.error("')'");
  return std::nullopt;
}

/// The options stand before the mailbox by RFC 5464 §5, and behind it in the examples of §4.2.1 and §4.2.2, which
/// clients have read.
text::Parsed<GetMetadata> parse(text::Cursor& in, const Dialect& dialect) {
  GetMetadata get;
  if (!in.take_space()) return in.error("SP and a mailbox name");
  const bool options_first = in.next_is('(');
  if (options_first) {
    if (const auto trouble = take_options(in, get)) return *trouble;
    if (!in.take_space()) return in.error("SP and a mailbox name");
  }
  auto mailbox = parse_mailbox(in, dialect);
  if (mailbox.has_error()) return mailbox.error();
  get.mailbox = std::move(*mailbox);
  if (!in.take_space()) return in.error("SP and entries");
  auto options = in;
  if (!options_first && !take_options(options, get) && options.take_space()) in = options;
  // What is below them is asked for with a depth: RFC 5464 §4.2.2.
  auto entries = parse_entries(in, dialect, get.depth == Depth::none ? Above::refused : Above::taken);
  if (entries.has_error()) return entries.error();
  get.entries = std::move(*entries);
  return get;
}

bool is_asked(const GetMetadata& get, std::string_view entry) {
  return std::ranges::any_of(get.entries, [&](const std::string& asked) {
    if (entry == asked) return true;
    if (get.depth == Depth::none || !entry.starts_with(asked) || entry[asked.size()] != '/') return false;
    return get.depth == Depth::infinity || entry.find('/', asked.size() + 1) == std::string_view::npos;
  });
}

/// Those that are asked for and there; the size of the largest that is left out as too large.
struct Found {
  std::vector<std::string> entries;
  std::size_t longest_left_out = 0;
};
Found look_up(const GetMetadata& get, const store::Annotations& annotations) {
  Found found;
  for (const auto& [entry, value] : annotations) {
    if (!is_asked(get, entry)) continue;
    if (value.size() <= get.max_size) {
      found.entries.push_back(entry);
    } else {
      found.longest_left_out = std::max(found.longest_left_out, value.size());
    }
  }
  // What was asked for by its name, and has no value, is told so; below a name only what is there is told.
  for (const auto& asked : get.entries) {
    if (get.depth == Depth::none && !annotations.contains(asked)) found.entries.push_back(asked);
  }
  return found;
}

awaitable<Answer> run(Session& session, const GetMetadata& get) {
  const auto state = session.vault().state();
  const auto mailbox = get.mailbox.empty() ? nullptr : state->find(get.mailbox);
  if (!get.mailbox.empty() && !mailbox) co_return no("[NONEXISTENT] No such mailbox");
  static const store::Annotations none;
  const auto annotations = mailbox ? told_annotations(mailbox.get()) : state->annotations;
  const auto found = look_up(get, annotations ? *annotations : none);
  for (const auto& entry : found.entries) {
    write_metadata(session.out().text(), get.mailbox, {entry}, annotations.get(), session.dialect());
    co_await session.out().flush_if_large();
  }
  if (found.longest_left_out == 0) co_return ok("GETMETADATA completed");
  co_return ok(fmt::format("[METADATA LONGENTRIES {}] GETMETADATA completed", found.longest_left_out));
}

}  // namespace

awaitable<Answer> get_metadata(Session& session, text::Cursor in) {
  return parse_and_run<GetMetadata>(session, in, parse, run);
}

}  // namespace mailpod::imap::commands
