#include <arpa/inet.h>

#include <array>
#include <charconv>

#include <fmt/format.h>

#include <mailpod/delivery/strangers.hpp>
#include <mailpod/text/ascii.hpp>

#include "block_lists.hpp"
#include "network_of.hpp"

namespace mailpod::delivery {
namespace {

constexpr std::size_t most_codes = 32;

std::string_view take_word(std::string_view& rest) {
  rest = text::trim(rest);
  const std::string_view word = rest.substr(0, rest.find_first_of(" \t"));
  rest.remove_prefix(word.size());
  return word;
}

bool is_zone(std::string_view text) {
  if (text.empty() || text.size() > 180 || text.front() == '.' || text.back() == '.') return false;
  for (const char c : text) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    if (!fits) return false;
  }
  return text.find("..") == std::string_view::npos && text.find('.') != std::string_view::npos;
}

/// The last three octets of an address in 127.0.0.0/8.
std::optional<std::uint32_t> parse_code(std::string_view text) {
  std::array<unsigned char, 4> octets{};
  if (::inet_pton(AF_INET, std::string(text).c_str(), octets.data()) != 1 || octets[0] != 127) return std::nullopt;
  return (std::uint32_t{octets[1]} << 16U) | (std::uint32_t{octets[2]} << 8U) | octets[3];
}

std::optional<BlockList::Codes> parse_codes(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = parse_code(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_code(text.substr(dash + 1));
  if (!first || !last || *last < *first) return std::nullopt;
  return BlockList::Codes{*first, *last};
}

bool counts(const BlockList& list, const mailauth::DnsAnswer& answer) {
  if (answer.outcome != mailauth::DnsAnswer::Outcome::found) return false;
  for (const std::string& record : answer.records) {
    // Anything else is no answer of a list, but of whoever owns the zone now, or of a resolver that invents answers.
    const auto code = parse_code(record);
    if (!code) continue;
    // Ends in 127.255.255.0/24 what lists say of those who ask too often or by an open resolver.
    if (list.codes.empty() && (*code >> 8U) == 0xffff) continue;
    // No list answers with these; who does answers everything. RFC 5782 §5.
    if (list.codes.empty() && (*code & 0xffU) < 2) continue;
    if (list.codes.empty()) return true;
    for (const auto& range : list.codes) {
      if (range.first <= *code && *code <= range.last) return true;
    }
  }
  return false;
}

}  // namespace

std::optional<BlockList> parse_block_list(std::string_view text) {
  BlockList list;
  list.zone = text::lower(take_word(text));
  if (!is_zone(list.zone)) return std::nullopt;
  std::string_view weight = take_word(text);
  if (weight.starts_with('+')) weight.remove_prefix(1);
  const auto [end, failure] = std::from_chars(weight.data(), weight.data() + weight.size(), list.weight);
  if (failure != std::errc() || end != weight.data() + weight.size() || list.weight == 0) return std::nullopt;
  if (list.weight < -10 || list.weight > 10) return std::nullopt;
  while (!text::trim(text).empty()) {
    const auto codes = parse_codes(take_word(text));
    if (!codes || list.codes.size() == most_codes) return std::nullopt;
    list.codes.push_back(*codes);
  }
  return list;
}

std::string write_block_list(const BlockList& list) {
  const auto code = [](std::uint32_t octets) {
    return fmt::format("127.{}.{}.{}", octets >> 16U, (octets >> 8U) & 255U, octets & 255U);
  };
  std::string out = fmt::format("{} {}", list.zone, list.weight);
  for (const auto& [first, last] : list.codes)
    out += first == last ? " " + code(first) : " " + code(first) + "-" + code(last);
  return out;
}

std::optional<std::string> block_list_name(std::string_view zone, std::string_view address) {
  const std::string octets = address_octets(address);
  if (octets.empty()) return std::nullopt;
  std::string name;
  for (std::size_t i = octets.size(); i-- > 0;) {
    const auto octet = static_cast<unsigned char>(octets[i]);
    if (octets.size() == 4) {
      name += fmt::format("{}.", octet);
    } else {
      name += fmt::format("{:x}.{:x}.", octet & 15U, octet >> 4U);
    }
  }
  return name + std::string(zone);
}

Listing listing_of(const std::vector<BlockList>& lists, std::string_view client, mailauth::DnsTable& dns) {
  Listing listing;
  for (const BlockList& list : lists) {
    const auto name = block_list_name(list.zone, client);
    if (!name) break;
    const auto& answer = dns.look_up({mailauth::DnsQuestion::Type::a, *name});
    // A list that has been given up lists everybody, and so whom no list may. RFC 5782 §5.
    const auto& unlisted = dns.look_up({mailauth::DnsQuestion::Type::a, "1.0.0.127." + list.zone});
    if (!counts(list, answer) || counts(list, unlisted)) continue;
    listing.score += list.weight;
    if (list.weight > 0) listing.by.push_back(list.zone);
  }
  return listing;
}

}  // namespace mailpod::delivery
