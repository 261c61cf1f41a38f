#include "toml_text.hpp"

#include <fmt/format.h>

namespace mailpod::governance {

Verdict<TomlTable> parse_toml(std::string_view text, std::string_view file) {
  auto table = text::parse_toml(text, text::TomlSections::plain);
  if (table) return std::move(*table);
  return Complaint{Errc::syntax, std::string(file), table.error().line, table.error().what, "correct this line"};
}

std::string time_text(base::Time time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{seconds - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

}  // namespace mailpod::governance
