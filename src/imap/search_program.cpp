#include "search_program.hpp"

#include <algorithm>

#include <mailpod/search/likeness.hpp>
#include <mailpod/store/mailbox.hpp>
#include <mailpod/text/ascii.hpp>
#include <mailpod/text/unicode.hpp>

#include "grammar.hpp"

namespace mailpod::imap {
namespace {

using Kind = SearchKey::Kind;
using store::Flags;
using text::Cursor;

/// What follows a key's name.
enum class Argument {
  nothing,
  flag_bits,
  no_flag_bits,
  text,
  date,
  number,
  interval,
  keyword,
  no_keyword,
  uids,
  header,
  mod_seq,
  object_id,
  filter,
  fuzzy_key,
  one_key,
  two_keys
};

constexpr text::OctetSet filter_name = octets::atom_char - text::OctetSet("/");  // RFC 5466 §4
constexpr text::OctetSet sequence_begin = text::octets::digit | text::OctetSet("*$");

struct Row {
  std::string_view name;
  Kind kind;
  Argument argument;
  std::uint32_t bits = 0;
};

/// RFC 3501 §6.4.4 in its order, then the extensions.
constexpr Row rows[] = {
    {"ALL", Kind::all, Argument::nothing},
    {"ANSWERED", Kind::flag, Argument::flag_bits, Flags::answered},
    {"BCC", Kind::bcc, Argument::text},
    {"BEFORE", Kind::before, Argument::date},
    {"BODY", Kind::body, Argument::text},
    {"CC", Kind::cc, Argument::text},
    {"DELETED", Kind::flag, Argument::flag_bits, Flags::deleted},
    {"DRAFT", Kind::flag, Argument::flag_bits, Flags::draft},
    {"FLAGGED", Kind::flag, Argument::flag_bits, Flags::flagged},
    {"FROM", Kind::from, Argument::text},
    {"HEADER", Kind::header, Argument::header},
    {"KEYWORD", Kind::keyword, Argument::keyword},
    {"LARGER", Kind::larger, Argument::number},
    {"MODSEQ", Kind::mod_seq, Argument::mod_seq},  // RFC 7162 §3.1.5
    {"NEW", Kind::none, Argument::nothing},
    {"NOT", Kind::negated, Argument::one_key},
    {"OLD", Kind::all, Argument::nothing},
    {"ON", Kind::on, Argument::date},
    {"OR", Kind::either, Argument::two_keys},
    {"RECENT", Kind::none, Argument::nothing},
    {"SEEN", Kind::flag, Argument::flag_bits, Flags::seen},
    {"SENTBEFORE", Kind::sent_before, Argument::date},
    {"SENTON", Kind::sent_on, Argument::date},
    {"SENTSINCE", Kind::sent_since, Argument::date},
    {"SINCE", Kind::since, Argument::date},
    {"SMALLER", Kind::smaller, Argument::number},
    {"SUBJECT", Kind::subject, Argument::text},
    {"TEXT", Kind::text, Argument::text},
    {"TO", Kind::to, Argument::text},
    {"UID", Kind::uid, Argument::uids},
    {"UNANSWERED", Kind::flag, Argument::no_flag_bits, Flags::answered},
    {"UNDELETED", Kind::flag, Argument::no_flag_bits, Flags::deleted},
    {"UNDRAFT", Kind::flag, Argument::no_flag_bits, Flags::draft},
    {"UNFLAGGED", Kind::flag, Argument::no_flag_bits, Flags::flagged},
    {"UNKEYWORD", Kind::keyword, Argument::no_keyword},
    {"UNSEEN", Kind::flag, Argument::no_flag_bits, Flags::seen},
    {"OLDER", Kind::older, Argument::interval},  // RFC 5032
    {"YOUNGER", Kind::younger, Argument::interval},
    {"SAVEDBEFORE", Kind::saved_before, Argument::date},  // RFC 8514
    {"SAVEDON", Kind::saved_on, Argument::date},
    {"SAVEDSINCE", Kind::saved_since, Argument::date},
    {"SAVEDATESUPPORTED", Kind::all, Argument::nothing},  // by every mailbox
    {"EMAILID", Kind::email_id, Argument::object_id},     // RFC 8474
    {"THREADID", Kind::thread_id, Argument::object_id},
    {"FUZZY", Kind::all, Argument::fuzzy_key},   // RFC 6203
    {"FILTER", Kind::filter, Argument::filter},  // RFC 5466
};

/// How much must be read to decide a key: 0 state, 1 Structure, 2 octets.
int cost(const SearchKey& key) {
  int most = key.kind >= Kind::header && key.kind <= Kind::text ? 2 : key.kind >= Kind::saved_before ? 1 : 0;
  if (key.kind >= Kind::both) most = 0;
  for (const auto& inner : key.keys) most = std::max(most, cost(inner));
  return most;
}

SearchKey negation(SearchKey key) {
  SearchKey negated(Kind::negated);
  negated.keys.push_back(std::move(key));
  return negated;
}

class Parser {
public:
  Parser(Cursor& in, const SearchLimits& limits) : in_(in), limits_(limits) {}

  /// search-key *(SP search-key)
  text::Parsed<SearchKey> keys(std::size_t depth);

  std::vector<std::string> texts;
  bool uses_numbers = false;
  bool asks_mod_seq = false;
  bool asks_fuzzily = false;

private:
  text::Parsed<SearchKey> key(std::size_t depth);
  text::Parsed<SearchKey> named_key(std::size_t depth);
  text::Parsed<SearchKey> argument(const Row& row, std::size_t depth);
  text::Parsed<SearchKey> joined(const Row& row, std::size_t depth);
  text::Parsed<SearchKey> fuzzy(std::size_t depth);
  void mark_fuzzy(SearchKey& key);
  text::Parsed<SearchKey> set(Kind kind);
  text::Parsed<SearchKey> mod_seq();
  text::Parsed<SearchKey> text_key(const Row& row);
  text::Parsed<std::string> folded_text();

  Cursor& in_;
  const SearchLimits& limits_;
  std::size_t count_ = 0;
  std::size_t fuzzy_count_ = 0;
};

text::Parsed<SearchKey> Parser::keys(std::size_t depth) {
  SearchKey all(Kind::both);
  std::vector<std::pair<int, std::size_t>> order;
  do {
    auto one = key(depth);
    if (one.has_error()) return one.error();
    order.emplace_back(cost(*one), all.keys.size());
    all.keys.push_back(std::move(*one));
  } while (in_.take_space());
  if (all.keys.size() == 1) return std::move(all.keys.front());
  std::ranges::sort(order);
  SearchKey cheap_first(Kind::both);
  for (const auto& [unused, place] : order) cheap_first.keys.push_back(std::move(all.keys[place]));
  return cheap_first;
}

text::Parsed<SearchKey> Parser::key(std::size_t depth) {
  if (depth > limits_.depth) return in_.error("a less deeply nested search");
  if (++count_ > limits_.keys) return in_.error("fewer search keys");
  if (in_.take('(')) {
    auto inner = keys(depth + 1);
    if (inner.has_value() && !in_.take(')')) return in_.error("')'");
    return inner;
  }
  if (in_.next_is(sequence_begin)) {
    uses_numbers = uses_numbers || !in_.next_is('$');
    return set(Kind::sequence);
  }
  return named_key(depth);
}

text::Parsed<SearchKey> Parser::named_key(std::size_t depth) {
  const auto start = in_;
  const auto name = in_.take_while(text::octets::alpha);
  for (const auto& row : rows) {
    if (text::equal_fold(name, row.name)) return argument(row, depth);
  }
  return start.error("a search key");
}

text::Parsed<SearchKey> Parser::argument(const Row& row, std::size_t depth) {
  SearchKey key(row.kind);
  key.bits = row.bits;
  if (row.argument == Argument::nothing || row.argument == Argument::flag_bits) return key;
  if (row.argument == Argument::no_flag_bits) return negation(std::move(key));
  if (!in_.take_space()) return in_.error("SP and what to search for");
  switch (row.argument) {
    case Argument::date: {
      const auto day = parse_date(in_);
      if (day.has_error()) return day.error();
      key.day = *day;
      return key;
    }
    case Argument::number: {
      const auto number = parse_number64(in_);
      if (number.has_error()) return number.error();
      key.number = *number;
      return key;
    }
    case Argument::interval: {
      const auto seconds = parse_nz_number(in_);
      if (seconds.has_error()) return seconds.error();
      key.number = *seconds;
      return key;
    }
    case Argument::keyword:
    case Argument::no_keyword: {
      auto keyword = parse_keyword(in_);
      if (keyword.has_error()) return keyword.error();
      key.text = std::move(*keyword);
      return row.argument == Argument::keyword ? std::move(key) : negation(std::move(key));
    }
    case Argument::uids:
      return set(Kind::uid);
    case Argument::mod_seq:
      return mod_seq();
    case Argument::object_id: {
      auto id = parse_astring(in_);
      if (id.has_error()) return id.error();
      key.text = std::move(*id);
      return key;
    }
    case Argument::filter: {
      const auto name = in_.take_while(filter_name);
      if (name.empty()) return in_.error("a filter's name");
      key.text = name;
      return key;
    }
    case Argument::fuzzy_key:
      return fuzzy(depth);
    case Argument::one_key:
    case Argument::two_keys:
      return joined(row, depth);
    default:
      return text_key(row);
  }
}

/// NOT and OR.
text::Parsed<SearchKey> Parser::joined(const Row& row, std::size_t depth) {
  SearchKey join(row.kind);
  auto first = key(depth + 1);
  if (first.has_error()) return first.error();
  join.keys.push_back(std::move(*first));
  if (row.argument == Argument::one_key) return join;
  if (!in_.take_space()) return in_.error("SP and a second search key");
  auto second = key(depth + 1);
  if (second.has_error()) return second.error();
  join.keys.push_back(std::move(*second));
  if (cost(join.keys[1]) < cost(join.keys[0])) std::swap(join.keys[0], join.keys[1]);
  return join;
}

/// The key that follows, with whatever texts stand in it. What is no text is matched exactly: RFC 6203 §5.
text::Parsed<SearchKey> Parser::fuzzy(std::size_t depth) {
  auto inner = key(depth + 1);
  if (inner.has_error()) return inner.error();
  asks_fuzzily = true;
  mark_fuzzy(*inner);
  if (fuzzy_count_ > limits_.fuzzy) return in_.error("fewer FUZZY texts");
  return inner;
}

void Parser::mark_fuzzy(SearchKey& key) {
  // Depth is bounded already. Where there is no word to look for, the text is matched as it is.
  if (key.kind >= Kind::from && key.kind <= Kind::text && !key.fuzzy && !search::LikeQuery(key.text).words().empty()) {
    key.fuzzy = true;
    ++fuzzy_count_;
  }
  for (auto& inner : key.keys) mark_fuzzy(inner);
}

text::Parsed<SearchKey> Parser::set(Kind kind) {
  auto numbers = parse_sequence_set(in_, limits_.set_ranges);
  if (numbers.has_error()) return numbers.error();
  SearchKey key(kind);
  key.set = std::move(*numbers);
  return key;
}

/// `"/flags/\\draft" all 620162338`. Which flag it was is not kept: entry and type say nothing here. RFC 7162 §3.1.5.
text::Parsed<SearchKey> Parser::mod_seq() {
  if (in_.next_is('"')) {
    const auto start = in_;
    const auto entry = parse_string(in_);
    if (entry.has_error()) return entry.error();
    if (!text::equal_fold(std::string_view(*entry).substr(0, 7), "/flags/")) return start.error("an entry of /flags/");
    if (!in_.take_space()) return in_.error("SP and an entry's type");
    if (!in_.take_word("priv") && !in_.take_word("shared") && !in_.take_word("all")) {
      return in_.error("priv, shared or all");
    }
    if (!in_.take_space()) return in_.error("SP and a mod-sequence");
  }
  const auto value = parse_mod_seq(in_);
  if (value.has_error()) return value.error();
  SearchKey key(Kind::mod_seq);
  key.mod_seq = *value;
  asks_mod_seq = true;
  return key;
}

text::Parsed<SearchKey> Parser::text_key(const Row& row) {
  SearchKey key(row.kind);
  if (row.argument == Argument::header) {
    auto name = parse_astring(in_);
    if (name.has_error()) return name.error();
    key.name = std::move(*name);
    if (text::equal_fold(key.name, "Message-ID")) key.kind = Kind::message_id;
    if (!in_.take_space()) return in_.error("SP and what to search for");
  }
  auto wanted = folded_text();
  if (wanted.has_error()) return wanted.error();
  if (row.kind == Kind::body || row.kind == Kind::text) {
    if (texts.size() == limits_.texts) return in_.error("fewer BODY and TEXT keys");
    key.index = texts.size();
    texts.push_back(*wanted);
  }
  key.text = std::move(*wanted);
  return key;
}

text::Parsed<std::string> Parser::folded_text() {
  const auto start = in_;
  const auto octets = parse_astring(in_);
  if (octets.has_error()) return octets.error();
  if (!text::is_utf8(*octets)) return start.error("text in UTF-8");
  return text::fold(*octets);
}

text::Parsed<SearchProgram> parse_keys(Cursor& in, const SearchLimits& limits) {
  SearchProgram program;
  Parser parser(in, limits);
  auto root = parser.keys(1);
  if (root.has_error()) return root.error();
  program.root = std::move(*root);
  program.texts = std::move(parser.texts);
  program.uses_numbers = parser.uses_numbers;
  program.asks_mod_seq = parser.asks_mod_seq;
  program.asks_fuzzily = parser.asks_fuzzily;
  return program;
}

}  // namespace

text::Parsed<SearchProgram> parse_search(Cursor& in, const SearchLimits& limits) {
  const auto start = in;
  if (!in.take_word("CHARSET")) return parse_keys(in, limits);
  if (limits.utf8_only) return start.error("no CHARSET after UTF8=ACCEPT");
  if (!in.take_space()) return in.error("SP and a charset");
  return parse_search_criteria(in, limits);
}

text::Parsed<SearchProgram> parse_search_criteria(Cursor& in, const SearchLimits& limits) {
  const auto start = in;
  const auto charset = parse_astring(in);
  if (charset.has_error()) return charset.error();
  if (limits.utf8_only && !text::equal_fold(*charset, "UTF-8")) return start.error("UTF-8 after UTF8=ACCEPT");
  if (!text::equal_fold(*charset, "UTF-8") && !text::equal_fold(*charset, "US-ASCII")) {
    // In an unknown charset nothing that follows can be read.
    SearchProgram program;
    program.known_charset = false;
    in.take_octets(in.rest().size());
    return program;
  }
  if (!in.take_space()) return in.error("SP and a search key");
  return parse_keys(in, limits);
}

}  // namespace mailpod::imap
