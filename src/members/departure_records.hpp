#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <mailpod/members/departure.hpp>

namespace mailpod::members {

/// docs/members-format.md, "Directory". parse_departure(write_departure(d)) == d.
std::string write_departure(const Departure& departure);
/// Nothing if malformed.
std::optional<Departure> parse_departure(std::string_view octets);

}  // namespace mailpod::members
