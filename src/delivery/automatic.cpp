#include "automatic.hpp"

#include <algorithm>
#include <array>

#include <mailpod/text/ascii.hpp>

namespace mailpod::delivery {
namespace {

constexpr std::uint64_t looked_at = 1000;  // octets of a value

/// The first word of a field's value, in lower case.
std::string word_of(const message::HeaderField& field, const base::OctetSource& message) {
  std::string value(static_cast<std::size_t>(std::min(field.value.size(), looked_at)), '\0');
  value.resize(message.read_at(field.value.begin, value));
  const auto begin = value.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return {};
  return text::lower(value.substr(begin, value.find_first_of(" \t\r\n;", begin) - begin));
}

}  // namespace

bool is_automatic(const message::HeaderFacts& facts, const base::OctetSource& message) {
  for (const auto& field : facts.named("Auto-Submitted")) {
    if (word_of(field, message) != "no") return true;
  }
  for (const auto& field : facts.named("Precedence")) {
    constexpr std::array<std::string_view, 3> of_machines{"bulk", "junk", "list"};
    if (std::ranges::find(of_machines, word_of(field, message)) != of_machines.end()) return true;
  }
  return !facts.named("List-Id").empty() || !facts.named("List-Unsubscribe").empty();
}

}  // namespace mailpod::delivery
