#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <mailpod/text/ascii.hpp>
#include <mailpod/transfer/mbox.hpp>

namespace mailpod::transfer {
namespace {

namespace chr = std::chrono;

constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
/// A From_ line may hold an address of some length; words of a line of prose are counted no further.
constexpr std::size_t most_words = 40;

std::optional<unsigned> number(std::string_view digits) {
  unsigned value = 0;
  const auto* const end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, value);
  if (digits.empty() || error != std::errc() || stopped != end) return std::nullopt;
  return value;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (words.size() < most_words) {
    const auto begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos) break;
    line.remove_prefix(begin);
    const auto end = std::min(line.find_first_of(" \t"), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return words;
}

template <std::size_t N>
std::optional<unsigned> index_in(const std::array<std::string_view, N>& names, std::string_view word) {
  const auto found =
      std::ranges::find_if(names, [word](std::string_view name) { return text::equal_fold(name, word); });
  if (found == names.end()) return std::nullopt;
  return static_cast<unsigned>(found - names.begin());
}

/// `HH:MM` or `HH:MM:SS`
std::optional<chr::seconds> time_of_day(std::string_view word) {
  if (word.size() != 5 && word.size() != 8) return std::nullopt;
  const auto hours = number(word.substr(0, 2));
  const auto minutes = number(word.substr(3, 2));
  const auto seconds = word.size() == 8 ? number(word.substr(6, 2)) : 0U;
  const bool colons = word[2] == ':' && (word.size() == 5 || word[5] == ':');
  if (!colons || !hours || !minutes || !seconds || *hours > 23 || *minutes > 59 || *seconds > 60) return std::nullopt;
  return chr::hours(*hours) + chr::minutes(*minutes) + chr::seconds(*seconds);
}

/// `+0100`: what is to be subtracted to have UTC.
std::optional<chr::seconds> zone_offset(std::string_view word) {
  if (word.size() != 5 || (word[0] != '+' && word[0] != '-')) return std::nullopt;
  const auto hours = number(word.substr(1, 2));
  const auto minutes = number(word.substr(3, 2));
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const chr::seconds offset = chr::hours(*hours) + chr::minutes(*minutes);
  return word[0] == '-' ? -offset : offset;
}

/// `Nov 30 03:29:14 2026` after the day of the week; a zone may stand before or after the year.
std::optional<base::Time> date_at(std::span<const std::string_view> words) {
  if (words.size() < 4) return std::nullopt;
  const auto month = index_in(months, words[0]);
  const auto day = number(words[1]);
  const auto time = time_of_day(words[2]);
  if (!month || !day || !time) return std::nullopt;
  std::optional<unsigned> year;
  chr::seconds offset{0};
  for (const auto word : words.subspan(3).first(std::min<std::size_t>(words.size() - 3, 3))) {
    if (const auto zone = zone_offset(word)) offset = *zone;
    if (word.size() == 4 && !year) year = number(word);
  }
  if (!year || *year < 1970 || *year > 2105) return std::nullopt;
  const chr::year_month_day date(chr::year(static_cast<int>(*year)), chr::month(*month + 1), chr::day(*day));
  if (!date.ok()) return std::nullopt;
  const auto moment = chr::sys_days(date) + *time - offset;
  if (moment.time_since_epoch() < chr::seconds(0)) return std::nullopt;
  return base::Time(moment);
}

}  // namespace

std::optional<base::Time> parse_from_line(std::string_view line) {
  if (!line.starts_with("From ")) return std::nullopt;
  const auto words = words_of(line.substr(5));
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!index_in(weekdays, words[i])) continue;
    if (const auto date = date_at(std::span(words).subspan(i + 1))) return date;
  }
  return std::nullopt;
}

std::string write_from_line(base::Time date) {
  const auto seconds = chr::floor<chr::seconds>(date);
  const auto days = chr::floor<chr::days>(seconds);
  const chr::year_month_day day(days);
  const chr::hh_mm_ss time(seconds - days);
  return fmt::format("From MAILER-DAEMON {} {} {:2} {:02}:{:02}:{:02} {}\n", weekdays[chr::weekday(days).c_encoding()],
                     months[unsigned{day.month()} - 1], unsigned{day.day()}, time.hours().count(),
                     time.minutes().count(), time.seconds().count(), int{day.year()});
}

}  // namespace mailpod::transfer
