#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <mailpod/message/error.hpp>
#include <mailpod/message/header_values.hpp>
#include <mailpod/text/ascii.hpp>

#include "lexer.hpp"

namespace mailpod::message {
namespace {

using std::chrono::minutes;

constexpr std::array<std::string_view, 7> weekdays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct ObsoleteZone {
  std::string_view name;
  int hours;
};
/// RFC 5322 §4.3. Every other alphabetic zone, the military ones included, says nothing and is read as UTC.
constexpr std::array<ObsoleteZone, 8> obsolete_zones = {
    {{"EST", -5}, {"EDT", -4}, {"CST", -6}, {"CDT", -5}, {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7}}};

std::optional<unsigned> month_for(std::string_view name) {
  for (unsigned i = 0; i < months.size(); ++i) {
    if (text::equal_fold(name.substr(0, 3), months[i])) return i + 1;
  }
  return std::nullopt;
}

/// A run of `least` to `most` digits after CFWS.
std::optional<int> digits(Lexer& lexer, std::size_t least, std::size_t most) {
  lexer.skip_cfws();
  const auto run = lexer.in.take_while(text::octets::digit, most + 1);
  if (run.size() < least || run.size() > most) return std::nullopt;
  int value = 0;
  for (const char digit : run) value = value * 10 + (digit - '0');
  return value;
}

/// RFC 5322 §4.3: two digits are 2000–2049 or 1950–1999, three digits count from 1900.
std::optional<int> year(Lexer& lexer) {
  const std::size_t before = lexer.in.offset();
  lexer.skip_cfws();
  const std::size_t start = lexer.in.offset();
  const auto value = digits(lexer, 2, 4);
  if (!value || start == before) return std::nullopt;
  switch (lexer.in.offset() - start) {
    case 2:
      return *value < 50 ? 2000 + *value : 1900 + *value;
    case 3:
      return 1900 + *value;
    default:
      return *value >= 1900 ? value : std::nullopt;
  }
}

std::optional<minutes> zone(Lexer& lexer) {
  lexer.skip_cfws();
  if (lexer.in.at_end()) return minutes(0);  // left out by old mailers; the instant is the best guess
  const bool west = lexer.in.next_is('-');
  if (lexer.in.take('+') || lexer.in.take('-')) {
    const auto run = lexer.in.take_while(text::octets::digit, 5);
    if (run.size() != 4) return std::nullopt;
    const int hours = (run[0] - '0') * 10 + (run[1] - '0');
    const int rest = (run[2] - '0') * 10 + (run[3] - '0');
    if (hours > 23 || rest > 59) return std::nullopt;
    return minutes(west ? -(hours * 60 + rest) : hours * 60 + rest);
  }
  const auto name = lexer.in.take_while(text::octets::alpha);
  if (name.empty()) return std::nullopt;
  for (const ObsoleteZone& known : obsolete_zones) {
    if (text::equal_fold(name, known.name)) return minutes(known.hours * 60);
  }
  return minutes(0);
}

/// `hour:minute[:second]`.
std::optional<std::chrono::seconds> time_of_day(Lexer& lexer) {
  const auto hour = digits(lexer, 1, 2);
  lexer.skip_cfws();
  if (!hour || *hour > 23 || !lexer.in.take(':')) return std::nullopt;
  const auto minute = digits(lexer, 2, 2);
  if (!minute || *minute > 59) return std::nullopt;
  lexer.skip_cfws();
  int second = 0;
  if (lexer.in.take(':')) {
    const auto value = digits(lexer, 2, 2);
    if (!value || *value > 60) return std::nullopt;  // 60 is a leap second
    second = *value;
  }
  return std::chrono::seconds(*hour * 3600 + *minute * 60 + second);
}

std::optional<Date> read_date(std::string_view value) {
  Lexer lexer(value);
  lexer.skip_cfws();
  if (!lexer.in.take_while(text::octets::alpha).empty()) {  // the day's name says nothing that the date does not
    lexer.skip_cfws();
    lexer.in.take(',');
  }
  const auto day = digits(lexer, 1, 2);
  lexer.skip_cfws();
  const auto month = month_for(lexer.in.take_while(text::octets::alpha));
  const auto full_year = year(lexer);
  if (!day || !month || !full_year) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*full_year), std::chrono::month(*month),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const auto time = time_of_day(lexer);
  if (!time) return std::nullopt;
  const auto offset = zone(lexer);
  if (!offset) return std::nullopt;
  return Date{std::chrono::sys_days(date) + *time - *offset, *offset};
}

}  // namespace

Result<Date> parse_date(std::string_view value) {
  const auto date = read_date(value);
  if (!date) return Errc::malformed_date;
  return *date;
}

std::string write_date(const Date& date) {
  using namespace std::chrono;
  constexpr sys_seconds earliest = sys_days(1900y / January / 2);
  constexpr sys_seconds latest = sys_days(9999y / December / 30);
  const minutes zone = std::clamp(date.zone, minutes(-1439), minutes(1439));
  const sys_seconds local = std::clamp(floor<seconds>(date.time), earliest, latest) + zone;
  const sys_days midnight = floor<days>(local);
  const year_month_day day(midnight);
  const hh_mm_ss time(local - midnight);
  const auto east = std::abs(zone.count());
  return fmt::format("{}, {} {} {:04} {:02}:{:02}:{:02} {}{:02}{:02}", weekdays[weekday(midnight).c_encoding()],
                     static_cast<unsigned>(day.day()), months[static_cast<unsigned>(day.month()) - 1],
                     static_cast<int>(day.year()), time.hours().count(), time.minutes().count(), time.seconds().count(),
                     zone.count() < 0 ? '-' : '+', east / 60, east % 60);
}

}  // namespace mailpod::message
