#include <mailpod/http/writer.hpp>

#include <array>
#include <chrono>

#include <fmt/format.h>

#include <mailpod/text/ascii.hpp>

namespace mailpod::http {
namespace {

bool has_content(unsigned status) {
  return status >= 200 && status != 204 && status != 304;
}

bool says_framing(std::string_view name) {
  return text::equal_fold(name, "content-length") || text::equal_fold(name, "transfer-encoding");
}

}  // namespace

std::string write_date(base::Time time) {
  constexpr std::array days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(seconds - day);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days[std::chrono::weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

std::string write_response_head(const Response& response) {
  std::string out = fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason_phrase(response.status));
  for (const auto& field : response.fields) {
    if (!says_framing(field.name)) out += fmt::format("{}: {}\r\n", field.name, field.value);
  }
  if (has_content(response.status)) out += fmt::format("Content-Length: {}\r\n", response.content.size());
  return out + "\r\n";
}

bool lists_entity_tag(std::string_view list, std::string_view tag) {
  const auto strong = [](std::string_view text) { return text.starts_with("W/") ? text.substr(2) : text; };
  if (text::trim(list) == "*") return true;
  while (!list.empty()) {
    const auto comma = list.find(',');
    if (strong(text::trim(list.substr(0, comma))) == strong(tag)) return true;
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  return false;
}

}  // namespace mailpod::http
