#include "response.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include <mailpod/text/ascii.hpp>
#include <mailpod/text/modified_utf7.hpp>

#include "grammar.hpp"

namespace mailpod::imap {
namespace {

constexpr text::OctetSet unfit_for_quoted = text::OctetSet::range(0x80, 0xff) | text::OctetSet("\r\n");

bool fits_quoted(std::string_view octets) {
  return std::ranges::none_of(octets, [](char octet) { return unfit_for_quoted.contains(octet) || octet == '\0'; });
}

bool fits_atom(std::string_view octets) {
  if (octets.empty() || text::equal_fold(octets, "NIL")) return false;
  return std::ranges::all_of(octets, [](char octet) { return octets::astring_char.contains(octet); });
}

void write_quoted(std::string& out, std::string_view octets) {
  out += '"';
  for (const char octet : octets) {
    if (octets::quoted_specials.contains(octet)) out += '\\';
    out += octet;
  }
  out += '"';
}

void write_literal(std::string& out, std::string_view octets) {
  out += '{';
  write_number(out, octets.size());
  out += "}\r\n";
  for (const char octet : octets) out += octet == '\0' ? '?' : octet;
}

}  // namespace

void write_number(std::string& out, std::uint64_t number) {
  const fmt::format_int digits(number);
  out.append(digits.data(), digits.size());
}

void write_string(std::string& out, std::string_view octets) {
  if (fits_quoted(octets)) {
    write_quoted(out, octets);
  } else {
    write_literal(out, octets);
  }
}

void write_nstring(std::string& out, const std::optional<std::string>& octets) {
  if (octets) {
    write_string(out, *octets);
  } else {
    out += "NIL";
  }
}

void write_astring(std::string& out, std::string_view octets) {
  if (fits_atom(octets)) {
    out += octets;
  } else {
    write_string(out, octets);
  }
}

void write_mailbox(std::string& out, std::string_view name, const Dialect& dialect) {
  if (dialect.utf8()) {
    // Stored names hold no NUL, CR or LF; one that a client asked about, and nobody stores, may.
    if (fits_atom(name)) {
      out += name;
    } else if (name.find_first_of(std::string_view("\0\r\n", 3)) != std::string_view::npos) {
      write_literal(out, name);
    } else {
      write_quoted(out, name);
    }
    return;
  }
  const auto encoded = text::write_modified_utf7(name);
  write_astring(out, encoded ? *encoded : name);
}

void write_flags(std::string& out, store::Flags flags, std::span<const std::string> keywords) {
  struct Named {
    std::uint32_t bit;
    std::string_view name;
  };
  constexpr Named named[] = {
      {store::Flags::answered, "\\Answered"}, {store::Flags::flagged, "\\Flagged"},
      {store::Flags::deleted, "\\Deleted"},   {store::Flags::seen, "\\Seen"},
      {store::Flags::draft, "\\Draft"},
  };
  out += '(';
  std::string_view separator;
  const auto add = [&](std::string_view name) {
    out += separator;
    out += name;
    separator = " ";
  };
  for (const auto& flag : named) {
    if (flags.has(flag.bit)) add(flag.name);
  }
  for (std::size_t i = 0; i < keywords.size(); ++i) {
    if (flags.has(1U << (store::Flags::first_keyword + i))) add(keywords[i]);
  }
  out += ')';
}

void write_mod_seq(std::string& out, store::ModSeq mod_seq) {
  out += '(';
  write_number(out, mod_seq.value);
  out += ')';
}

void write_internal_date(std::string& out, std::uint32_t seconds) {
  using namespace std::chrono;
  constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const sys_seconds time{std::chrono::seconds(seconds)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  fmt::format_to(std::back_inserter(out), "\"{:2}-{}-{:04} {:02}:{:02}:{:02} +0000\"", unsigned(date.day()),
                 months[unsigned(date.month()) - 1], int(date.year()), clock.hours().count(), clock.minutes().count(),
                 clock.seconds().count());
}

void write_range(std::string& out, const NumberRange& range) {
  write_number(out, range.first);
  if (range.last == range.first) return;
  out += ':';
  write_number(out, range.last);
}

void write_ranges(std::string& out, const NumberRanges& ranges) {
  std::string_view separator;
  for (const auto& range : ranges) {
    out += separator;
    separator = ",";
    write_range(out, range);
  }
}

void write_uid_set(std::string& out, std::span<const store::Uid> uids) {
  std::size_t i = 0;
  while (i < uids.size()) {
    std::size_t last = i;
    while (last + 1 < uids.size() && uids[last + 1].value == uids[last].value + 1) ++last;
    if (i != 0) out += ',';
    write_range(out, {uids[i].value, uids[last].value});
    i = last + 1;
  }
}

}  // namespace mailpod::imap
