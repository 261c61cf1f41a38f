#include "grammar.hpp"

#include <limits>

#include <mailpod/store/mailbox.hpp>
#include <mailpod/text/ascii.hpp>
#include <mailpod/text/modified_utf7.hpp>
#include <mailpod/text/unicode.hpp>

namespace mailpod::imap {
namespace {

using text::Cursor;
using text::Parsed;

/// RFC 9051's: octets beyond 127 may stand in quotes, and clients of RFC 3501 put them there although it forbids it.
/// They must be UTF-8 then: RFC 6855 §3.
constexpr text::OctetSet quoted_char =
    text::OctetSet::range(0x01, 0xff) - octets::quoted_specials - text::OctetSet("\r\n");

Parsed<std::string> parse_quoted(Cursor& in) {
  const auto start = in;
  if (!in.take('"')) return in.error("a quoted string");
  std::string value;
  for (;;) {
    value += in.take_while(quoted_char);
    if (in.take('"')) {
      if (!text::is_utf8(value)) return start.error("a quoted string in UTF-8");
      return value;
    }
    if (!in.take('\\')) return in.error("the end of the quoted string");
    const auto escaped = in.take_one(octets::quoted_specials);
    if (!escaped) return in.error("'\"' or '\\' after '\\'");
    value += *escaped;
  }
}

Parsed<std::string> parse_literal(Cursor& in) {
  const auto start = in;
  if (!in.take('{')) return in.error("a literal");
  const auto size = in.number(std::numeric_limits<std::uint32_t>::max());
  if (size.has_error()) return size.error();
  in.take('+');
  if (!in.take('}') || !in.take_crlf()) return in.error("the end of the literal's size");
  const auto octets = in.take_octets(static_cast<std::size_t>(*size));
  if (!octets) return start.error("a literal with all its octets");
  return std::string(*octets);
}

/// INBOX in any case, alone or as the first level: one name, so that no second mailbox can look like it.
std::string with_inbox_in_capitals(std::string name) {
  constexpr std::string_view inbox = "INBOX";
  if (text::starts_with_fold(name, inbox) && (name.size() == inbox.size() || name[inbox.size()] == '/')) {
    name.replace(0, inbox.size(), inbox);
  }
  return name;
}

std::optional<NamedMailbox> named(std::string_view name, const Dialect& dialect) {
  auto utf8 = dialect.utf8() ? std::optional(std::string(name)) : text::parse_modified_utf7(name);
  auto stored = utf8 ? stored_mailbox_name(*utf8) : std::nullopt;
  if (!stored) return std::nullopt;
  return NamedMailbox{std::move(*stored), std::move(*utf8)};
}

Parsed<NamedMailbox> named_as_stored(const Cursor& start, const Parsed<std::string>& name, const Dialect& dialect) {
  if (name.has_error()) return name.error();
  auto mailbox = named(*name, dialect);
  if (!mailbox) return start.error(dialect.utf8() ? "a mailbox name in UTF-8" : "a mailbox name in modified UTF-7");
  return std::move(*mailbox);
}

Parsed<std::string> spelled_as_stored(const Cursor& start, const Parsed<std::string>& name, const Dialect& dialect) {
  auto mailbox = named_as_stored(start, name, dialect);
  if (mailbox.has_error()) return mailbox.error();
  return std::move(mailbox->name);
}

struct SystemFlag {
  std::string_view name;
  std::uint32_t bit;
};
constexpr SystemFlag system_flags[] = {
    {"Answered", store::Flags::answered}, {"Flagged", store::Flags::flagged}, {"Deleted", store::Flags::deleted},
    {"Seen", store::Flags::seen},         {"Draft", store::Flags::draft},
};

std::optional<text::ParseError> parse_flag(Cursor& in, FlagList& flags) {
  const auto start = in;
  if (!in.take('\\')) {
    auto keyword = parse_keyword(in);
    if (keyword.has_error()) return keyword.error();
    flags.keywords.push_back(std::move(*keyword));
    return std::nullopt;
  }
  const auto name = in.take_while(octets::atom_char);
  if (name.empty()) return in.error("a flag");
  if (text::equal_fold(name, "Recent")) return start.error("a flag that clients may change");
  for (const auto& flag : system_flags) {
    if (text::equal_fold(name, flag.name)) flags.system |= flag.bit;
  }
  return std::nullopt;
}

/// *(SP flag) after the first.
Parsed<FlagList> parse_flags(Cursor& in) {
  // More flags than there can be keywords make no sense, and cost time in the store.
  constexpr std::size_t limit = 100;
  FlagList flags;
  std::size_t count = 0;
  do {
    if (++count > limit) return in.error("fewer flags");
    if (const auto error = parse_flag(in, flags)) return *error;
  } while (in.take_space());
  return flags;
}

Parsed<unsigned> parse_digits(Cursor& in, std::size_t count) {
  const auto digits = in.take_while(text::octets::digit, count);
  if (digits.size() != count) return in.error("a digit");
  unsigned value = 0;
  for (const char digit : digits) value = value * 10 + static_cast<unsigned>(digit - '0');
  return value;
}

Parsed<unsigned> parse_month(Cursor& in) {
  constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  unsigned number = 0;
  for (const auto month : months) {
    ++number;
    if (in.take(month)) return number;
  }
  return in.error("a month, Jan to Dec");
}

/// `-Feb-1994` after the day.
Parsed<std::chrono::sys_days> parse_rest_of_date(Cursor& in, unsigned day) {
  const auto start = in;
  if (!in.take('-')) return in.error("'-'");
  const auto month = parse_month(in);
  if (month.has_error()) return month.error();
  if (!in.take('-')) return in.error("'-'");
  const auto year = parse_digits(in, 4);
  if (year.has_error()) return year.error();
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                                         std::chrono::day(day)};
  if (!date.ok()) return start.error("a day that is in the calendar");
  return std::chrono::sys_days(date);
}

Parsed<std::chrono::sys_days> parse_date_text(Cursor& in) {
  const auto digits = in;
  const auto length = in.take_while(text::octets::digit, 2).size();
  if (length == 0) return in.error("a date such as 1-Feb-1994");
  in = digits;
  const auto day = parse_digits(in, length);
  if (day.has_error()) return day.error();
  return parse_rest_of_date(in, *day);
}

Parsed<std::chrono::seconds> parse_time(Cursor& in) {
  const auto start = in;
  const auto hours = parse_digits(in, 2);
  if (hours.has_error() || !in.take(':')) return in.error("a time such as 21:52:25");
  const auto minutes = parse_digits(in, 2);
  if (minutes.has_error() || !in.take(':')) return in.error("a time such as 21:52:25");
  const auto seconds = parse_digits(in, 2);
  if (seconds.has_error()) return in.error("a time such as 21:52:25");
  // 60 is a leap second.
  if (*hours > 23 || *minutes > 59 || *seconds > 60) return start.error("a time of the day");
  return std::chrono::hours(*hours) + std::chrono::minutes(*minutes) + std::chrono::seconds(*seconds);
}

Parsed<std::chrono::minutes> parse_zone(Cursor& in) {
  const bool west = in.next_is('-');
  if (!in.take('-') && !in.take('+')) return in.error("a zone such as -0800");
  const auto hours = parse_digits(in, 2);
  if (hours.has_error()) return hours.error();
  const auto minutes = parse_digits(in, 2);
  if (minutes.has_error()) return minutes.error();
  if (*hours > 23 || *minutes > 59) return in.error("a zone such as -0800");
  const std::chrono::minutes offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return west ? -offset : offset;
}

}  // namespace

std::optional<std::string> stored_mailbox_name(std::string_view utf8) {
  auto composed = text::to_nfc(utf8);
  if (!composed) return std::nullopt;
  return with_inbox_in_capitals(std::move(*composed));
}

Parsed<std::string> parse_tag(Cursor& in) {
  const auto tag = in.take_while(octets::tag);
  if (tag.empty()) return in.error("a tag");
  return std::string(tag);
}

Parsed<std::string> parse_atom(Cursor& in) {
  const auto atom = in.take_while(octets::atom_char);
  if (atom.empty()) return in.error("an atom");
  return std::string(atom);
}

Parsed<std::string> parse_string(Cursor& in) {
  if (in.next_is('"')) return parse_quoted(in);
  if (in.next_is('{')) return parse_literal(in);
  return in.error("a string");
}

Parsed<std::string> parse_astring(Cursor& in) {
  if (in.next_is('"') || in.next_is('{')) return parse_string(in);
  const auto atom = in.take_while(octets::astring_char);
  if (atom.empty()) return in.error("an atom or a string");
  return std::string(atom);
}

Parsed<std::optional<std::string>> parse_nstring(Cursor& in) {
  if (in.take_word("NIL", octets::atom_char)) return std::optional<std::string>();
  auto value = parse_string(in);
  if (value.has_error()) return value.error();
  return std::optional<std::string>(std::move(*value));
}

Parsed<std::string> parse_mailbox(Cursor& in, const Dialect& dialect) {
  const auto start = in;
  return spelled_as_stored(start, parse_astring(in), dialect);
}

Parsed<NamedMailbox> parse_named_mailbox(Cursor& in, const Dialect& dialect) {
  const auto start = in;
  return named_as_stored(start, parse_astring(in), dialect);
}

Parsed<std::string> parse_list_mailbox(Cursor& in, const Dialect& dialect) {
  const auto start = in;
  if (in.next_is('"') || in.next_is('{')) return spelled_as_stored(start, parse_string(in), dialect);
  const auto pattern = in.take_while(octets::list_char);
  if (pattern.empty()) return in.error("a mailbox pattern");
  return spelled_as_stored(start, std::string(pattern), dialect);
}

Parsed<FlagList> parse_flag_list(Cursor& in) {
  if (!in.take('(')) return in.error("a list of flags");
  if (in.take(')')) return FlagList{};
  auto flags = parse_flags(in);
  if (flags.has_error()) return flags.error();
  if (!in.take(')')) return in.error("')'");
  return flags;
}

Parsed<FlagList> parse_store_flags(Cursor& in) {
  return in.next_is('(') ? parse_flag_list(in) : parse_flags(in);
}

Parsed<std::string> parse_keyword(Cursor& in) {
  const auto keyword = in.take_while(octets::atom_char);
  if (keyword.empty()) return in.error("a flag");
  return std::string(keyword);
}

Parsed<std::chrono::sys_days> parse_date(Cursor& in) {
  if (!in.take('"')) return parse_date_text(in);
  auto date = parse_date_text(in);
  if (date.has_value() && !in.take('"')) return in.error("the end of the quoted date");
  return date;
}

Parsed<base::Time> parse_date_time(Cursor& in) {
  if (!in.take('"')) return in.error("a date and time in quotes");
  const auto day = parse_digits(in, in.take_space() ? 1 : 2);
  if (day.has_error()) return day.error();
  const auto date = parse_rest_of_date(in, *day);
  if (date.has_error()) return date.error();
  if (!in.take_space()) return in.error("SP");
  const auto time = parse_time(in);
  if (time.has_error()) return time.error();
  if (!in.take_space()) return in.error("SP");
  const auto zone = parse_zone(in);
  if (zone.has_error()) return zone.error();
  if (!in.take('"')) return in.error("the end of the quoted date");
  return base::Time(*date) + *time - *zone;
}

Parsed<std::uint32_t> parse_number(Cursor& in) {
  const auto number = in.number(std::numeric_limits<std::uint32_t>::max());
  if (number.has_error()) return number.error();
  return static_cast<std::uint32_t>(*number);
}

Parsed<std::uint32_t> parse_nz_number(Cursor& in) {
  const auto start = in;
  const auto number = parse_number(in);
  if (number.has_value() && *number == 0) return start.error("a number above zero");
  return number;
}

Parsed<std::uint64_t> parse_number64(Cursor& in) {
  return in.number(std::numeric_limits<std::int64_t>::max());
}

Parsed<store::ModSeq> parse_mod_seq(Cursor& in) {
  constexpr auto highest = std::uint64_t{1} << 63U;
  if (!in.next_is(text::octets::digit)) return in.error("a mod-sequence");
  const auto number = in.number(highest - 1);
  if (number.has_error()) return number.error();
  return store::ModSeq{*number};
}

std::optional<LiteralMark> literal_mark_at_end(std::string_view line) {
  if (!line.ends_with('}')) return std::nullopt;
  const auto begin = line.rfind('{');
  if (begin == std::string_view::npos) return std::nullopt;
  Cursor in(line.substr(begin + 1));
  if (!in.next_is(text::octets::digit)) return std::nullopt;
  std::uint64_t size = std::numeric_limits<std::uint64_t>::max();
  auto counted = in;
  const auto number = counted.number();
  if (number.has_value()) size = *number;
  in.take_while(text::octets::digit);
  const bool synchronizing = !in.take('+');
  if (!in.take('}') || !in.at_end()) return std::nullopt;
  return LiteralMark{size, synchronizing, begin};
}

}  // namespace mailpod::imap
