#include <mailpod/mailauth/mta_sts.hpp>

#include <algorithm>
#include <array>
#include <optional>

#include <mailpod/text/ascii.hpp>

#include "domain_name.hpp"

namespace mailpod::mailauth {

namespace {

using text::Cursor;

constexpr std::string_view version = "STSv1";
constexpr std::size_t longest_id = 32;
constexpr std::uint64_t longest_age = 31'557'600;  // seconds, RFC 8461 §3.2
constexpr std::size_t most_age_digits = 10;
constexpr std::array<std::string_view, 3> modes{"none", "testing", "enforce"};
constexpr std::string_view any_label = "*.";

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view white_space(" \t\r");
  const auto begin = text.find_first_not_of(white_space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(white_space) - begin + 1);
}

/// The front of `rest` up to the separator, which goes with it.
std::string_view take_piece(std::string_view& rest, char separator) {
  const auto piece = rest.substr(0, rest.find(separator));
  rest.remove_prefix(std::min(piece.size() + 1, rest.size()));
  return piece;
}

struct Field {
  std::string_view name;
  std::string_view value;
};
/// Of what is no field an empty name.
Field field_in(std::string_view piece, char sign) {
  const auto at = piece.find(sign);
  if (at == std::string_view::npos) return {};
  return {trimmed(piece.substr(0, at)), trimmed(piece.substr(at + 1))};
}

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= longest_id &&
         std::ranges::all_of(text, [](char octet) { return text::octets::alnum.contains(octet); });
}

std::optional<StsMode> mode_for(std::string_view value) {
  const auto found = std::ranges::find(modes, value);
  if (found == modes.end()) return std::nullopt;
  return static_cast<StsMode>(found - modes.begin());
}

std::optional<std::chrono::seconds> age_for(std::string_view value) {
  Cursor in(value);
  const bool fits = !value.empty() && value.size() <= most_age_digits;
  const auto age = in.number();
  if (!fits || !age || !in.at_end()) return std::nullopt;
  return std::chrono::seconds(std::min(*age, longest_age));
}

std::optional<std::string> pattern_for(std::string_view value) {
  constexpr auto name_octets = text::octets::alnum | text::OctetSet("-_.");
  std::string pattern = text::lower(value);
  std::string_view name = pattern;
  if (name.starts_with(any_label)) name.remove_prefix(any_label.size());
  const bool fits = is_host_name(name) && std::ranges::all_of(name, [&](char c) { return name_octets.contains(c); });
  return fits ? std::optional(std::move(pattern)) : std::nullopt;
}

/// The fields of a policy as they come.
struct Reading {
  std::optional<std::string_view> version, mode, max_age;
  std::vector<std::string_view> mx;

  void take(const Field& field) {
    const auto first = [&](std::optional<std::string_view>& into) {
      if (!into) into = field.value;
    };
    if (field.name == "version") first(version);
    if (field.name == "mode") first(mode);
    if (field.name == "max_age") first(max_age);
    if (field.name == "mx") mx.push_back(field.value);
  }
};

}  // namespace

bool is_sts_record(std::string_view text) {
  const Field first = field_in(take_piece(text, ';'), '=');
  return first.name == "v" && first.value == version;
}

text::Parsed<StsRecord> parse_sts_record(std::string_view text) {
  const Cursor in(text);
  if (!is_sts_record(text)) return in.error("v=STSv1");
  for (std::string_view rest = text; !rest.empty();) {
    const Field field = field_in(take_piece(rest, ';'), '=');
    if (field.name != "id") continue;
    if (!is_id(field.value)) return in.error("an id of 1 to 32 letters and digits");
    return StsRecord{std::string(field.value)};
  }
  return in.error("id=");
}

std::string_view name_of(StsMode mode) {
  return modes.at(static_cast<std::size_t>(mode));
}

text::Parsed<StsPolicy> parse_sts_policy(std::string_view octets, const StsLimits& limits) {
  const Cursor in(octets);
  if (octets.size() > limits.octets) return in.error("a policy of 64 KiB at most");
  Reading found;
  for (std::string_view rest = octets; !rest.empty();) found.take(field_in(take_piece(rest, '\n'), ':'));
  if (found.version != version) return in.error("version: STSv1");
  const auto mode = mode_for(found.mode.value_or(""));
  if (!mode) return in.error("mode: enforce, testing or none");
  const auto age = age_for(found.max_age.value_or(""));
  if (!age) return in.error("max_age: and seconds");
  if (found.mx.size() > limits.hosts) return in.error("fewer hosts");
  if (found.mx.empty() && *mode != StsMode::none) return in.error("mx: and a host");
  StsPolicy policy{*mode, *age, {}};
  for (const std::string_view value : found.mx) {
    auto pattern = pattern_for(value);
    if (!pattern) return in.error("mx: and a host");
    policy.mx.push_back(*std::move(pattern));
  }
  return policy;
}

bool lists(const StsPolicy& policy, std::string_view host) {
  const std::string name = text::lower(host);
  const auto matches = [&](const std::string& pattern) {
    if (!pattern.starts_with(any_label)) return pattern == name;
    return parent_of(name) == pattern.substr(any_label.size());
  };
  return std::ranges::any_of(policy.mx, matches);
}

}  // namespace mailpod::mailauth
