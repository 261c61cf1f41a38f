#pragma once

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "settings_table.hpp"

/// How the rows of the settings table are made: one function a kind of value. `Field` is `[](auto& c) -> auto& { … }`,
/// from a Configuration to the member it fills.
namespace mailpod::daemon {

using Rows = std::vector<Setting>;

inline constexpr std::int64_t kib = 1024;
inline constexpr std::int64_t mib = 1024 * kib;
inline constexpr std::int64_t gib = 1024 * mib;

inline bool is_path(std::string_view text) {
  return !text.empty() && text.size() <= 4096 && text.find('\0') == std::string_view::npos;
}

inline bool is_path_or_empty(std::string_view text) {
  return text.empty() || is_path(text);
}

inline bool is_numeric_address(std::string_view text) {
  constexpr std::string_view of_addresses = "0123456789abcdefABCDEF.:";
  return !text.empty() && text.size() <= 45 && text.find_first_not_of(of_addresses) == std::string_view::npos;
}

struct Range {
  std::int64_t least;
  std::int64_t most;
};

/// A value written as a whole number of its unit: octets, counts, or a duration in `Unit`.
template <class Unit, class Field>
Setting counted(std::string_view section, std::string_view name, Range range, Field field, std::string_view comment) {
  using T = std::remove_cvref_t<decltype(field(std::declval<Configuration&>()))>;
  return {section,
          name,
          comment,
          Setting::Presence::optional,
          [field, range](Configuration& into, const Value& value) -> std::optional<std::string> {
            const auto* given = std::get_if<std::int64_t>(&value);
            if (given == nullptr || *given < range.least || *given > range.most)
              return fmt::format("a whole number from {} to {}", range.least, range.most);
            field(into) = static_cast<T>(Unit(*given));
            return std::nullopt;
          },
          [field](const Configuration& from) -> Value {
            if constexpr (std::is_integral_v<T>) {
              return static_cast<std::int64_t>(field(from));
            } else {
              return std::int64_t{std::chrono::floor<Unit>(field(from)).count()};
            }
          }};
}

template <class Field>
Setting number(std::string_view section, std::string_view name, Range range, Field field, std::string_view comment) {
  return counted<std::int64_t>(section, name, range, field, comment);
}

/// A duration; its name ends with the unit.
template <class Field>
Setting seconds(std::string_view section, std::string_view name, Range range, Field field, std::string_view comment) {
  return counted<std::chrono::seconds>(section, name, range, field, comment);
}
template <class Field>
Setting milliseconds(std::string_view section, std::string_view name, Range range, Field field,
                     std::string_view comment) {
  return counted<std::chrono::milliseconds>(section, name, range, field, comment);
}

/// A text for which `allowed` answers true; `expected` says what that is.
template <class Field>
Setting text(std::string_view section, std::string_view name, bool (*allowed)(std::string_view),
             std::string_view expected, Field field, std::string_view comment) {
  return {section,
          name,
          comment,
          Setting::Presence::optional,
          [field, allowed, expected](Configuration& into, const Value& value) -> std::optional<std::string> {
            const auto* given = std::get_if<std::string>(&value);
            if (given == nullptr || !allowed(*given)) return std::string(expected);
            field(into) = *given;
            return std::nullopt;
          },
          [field](const Configuration& from) -> Value { return field(from); }};
}

/// true or false.
template <class Field>
Setting flag(std::string_view section, std::string_view name, Field field, std::string_view comment) {
  return {section,
          name,
          comment,
          Setting::Presence::optional,
          [field](Configuration& into, const Value& value) -> std::optional<std::string> {
            const auto* given = std::get_if<bool>(&value);
            if (given == nullptr) return "true or false";
            field(into) = *given;
            return std::nullopt;
          },
          [field](const Configuration& from) -> Value { return field(from); }};
}

/// One of a few words, each for a value of the field's kind.
template <class T>
struct Choice {
  std::string_view word;
  T value;
};
template <class T, std::size_t N, class Field>
Setting choice(std::string_view section, std::string_view name, const Choice<T> (&choices)[N], Field field,
               std::string_view comment) {
  return {section,
          name,
          comment,
          Setting::Presence::optional,
          [field, &choices](Configuration& into, const Value& value) -> std::optional<std::string> {
            const auto* given = std::get_if<std::string>(&value);
            std::string expected = "one of";
            for (const auto& [word, chosen] : choices) {
              if (given != nullptr && *given == word) {
                field(into) = chosen;
                return std::nullopt;
              }
              expected += fmt::format("{} \"{}\"", &word == &choices[0].word ? "" : ",", word);
            }
            return expected;
          },
          [field, &choices](const Configuration& from) -> Value {
            const auto* const chosen = std::ranges::find(choices, field(from), &Choice<T>::value);
            return std::string(chosen->word);
          }};
}

/// Durations one after the other, in whole seconds, at least one and at most 64.
template <class Field>
Setting steps_of_seconds(std::string_view section, std::string_view name, Range range, Field field,
                         std::string_view comment) {
  return {section,
          name,
          comment,
          Setting::Presence::optional,
          [field, range](Configuration& into, const Value& value) -> std::optional<std::string> {
            const auto* given = std::get_if<std::vector<std::int64_t>>(&value);
            const auto fits = [range](std::int64_t step) { return step >= range.least && step <= range.most; };
            if (given == nullptr || given->empty() || given->size() > 64 || !std::ranges::all_of(*given, fits))
              return fmt::format("a list of 1 to 64 whole numbers from {} to {}", range.least, range.most);
            field(into).clear();
            for (const auto step : *given) field(into).push_back(std::chrono::seconds(step));
            return std::nullopt;
          },
          [field](const Configuration& from) -> Value {
            std::vector<std::int64_t> out;
            for (const auto step : field(from)) out.push_back(step.count());
            return out;
          }};
}

/// A list of texts for each of which `allowed` answers true; may be empty. `expected` says what they are.
template <class Field>
Setting texts(std::string_view section, std::string_view name, bool (*allowed)(std::string_view),
              std::string_view expected, Field field, std::string_view comment) {
  return {section,
          name,
          comment,
          Setting::Presence::optional,
          [field, allowed, expected](Configuration& into, const Value& value) -> std::optional<std::string> {
            const auto* given = std::get_if<std::vector<std::string>>(&value);
            if (given == nullptr || given->size() > 32 || !std::ranges::all_of(*given, allowed))
              return fmt::format("a list of at most 32 {}", expected);
            field(into) = *given;
            return std::nullopt;
          },
          [field](const Configuration& from) -> Value { return field(from); }};
}

/// A list of addresses and networks; may be empty.
template <class Field>
Setting networks(std::string_view section, std::string_view name, Field field, std::string_view comment) {
  return {section,
          name,
          comment,
          Setting::Presence::optional,
          [field](Configuration& into, const Value& value) -> std::optional<std::string> {
            constexpr std::string_view expected =
                "a list of at most 32 addresses or networks, such as \"192.0.2.7\" or \"2001:db8::/32\"";
            const auto* given = std::get_if<std::vector<std::string>>(&value);
            if (given == nullptr || given->size() > 32) return std::string(expected);
            field(into).clear();
            for (const std::string& text : *given) {
              const auto network = net::Network::parse(text);
              if (!network) return std::string(expected);
              field(into).push_back(*network);
            }
            return std::nullopt;
          },
          [field](const Configuration& from) -> Value {
            std::vector<std::string> out;
            for (const net::Network& network : field(from)) out.push_back(network.str());
            return out;
          }};
}

/// A list of file names, at least one and at most 32.
template <class Field>
Setting files(std::string_view section, std::string_view name, Field field, std::string_view comment) {
  return {section,
          name,
          comment,
          Setting::Presence::optional,
          [field](Configuration& into, const Value& value) -> std::optional<std::string> {
            const auto* given = std::get_if<std::vector<std::string>>(&value);
            if (given == nullptr || given->empty() || given->size() > 32) return "a list of 1 to 32 file names";
            field(into) = *given;
            return std::nullopt;
          },
          [field](const Configuration& from) -> Value { return field(from); }};
}

inline Setting required(Setting setting) {
  setting.presence = Setting::Presence::required;
  return setting;
}

}  // namespace mailpod::daemon
