#include "app_password.hpp"

#include <mailpod/crypto/keys.hpp>
#include <mailpod/text/ascii.hpp>
#include <ranges>

namespace mailpod::members {
namespace {

constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::string_view prefix = "mp";
constexpr std::size_t characters = 25;  // of 5 bits each; a check character follows
constexpr std::size_t group = 5;

/// Luhn's algorithm over base 32: the value that `symbols` need behind them.
std::size_t check_value(std::string_view symbols) {
  std::size_t sum = 0;
  std::size_t factor = 2;
  for (char symbol : std::ranges::reverse_view(symbols)) {
    const std::size_t addend = factor * alphabet.find(symbol);
    sum += addend / 32 + addend % 32;
    factor = 3 - factor;
  }
  return (32 - sum % 32) % 32;
}

std::string grouped(std::string_view symbols) {
  std::string out(prefix);
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    if (i % group == 0 && i < characters) out += '-';
    out += symbols[i];
  }
  return out;
}

/// The symbols behind the prefix in their one spelling; nothing if there is a foreign character, or not enough of them.
std::optional<std::string> symbols_of(std::string_view typed) {
  if (typed.size() > 64) return std::nullopt;
  std::string out;
  out.reserve(64);
  for (const char c : typed) {
    const char folded = text::lower(c);
    if (folded == '-' || folded == ' ') continue;
    out += folded == 'i' || folded == 'l' ? '1' : folded == 'o' ? '0' : folded;
  }
  const bool shaped = out.size() == prefix.size() + characters + 1 && out.starts_with(prefix) &&
                      out.find_first_not_of(alphabet) == std::string::npos;
  if (!shaped) {
    crypto::wipe(out);
    return std::nullopt;
  }
  out.erase(0, prefix.size());
  return out;
}

}  // namespace

std::string generate_app_password(base::Entropy& entropy) {
  auto random = entropy.bytes<characters>();
  std::string symbols;
  symbols.reserve(characters + 1);
  // The low five bits of each octet: 125 bits, none of them used twice.
  for (const auto octet : random) symbols += alphabet[octet % 32U];
  symbols += alphabet[check_value(symbols)];
  std::string out = grouped(symbols);
  crypto::wipe(random);
  crypto::wipe(symbols);
  return out;
}

std::optional<std::string> canonical_app_password(std::string_view typed) {
  auto symbols = symbols_of(typed);
  if (!symbols) return std::nullopt;
  std::optional<std::string> out;
  if (alphabet[check_value(std::string_view(*symbols).substr(0, characters))] == symbols->back()) {
    out = grouped(*symbols);
  }
  crypto::wipe(*symbols);
  return out;
}

SecretShape shape_of(std::string_view secret) {
  auto symbols = symbols_of(secret);
  if (!symbols) return SecretShape::human;
  crypto::wipe(*symbols);
  auto canonical = canonical_app_password(secret);
  if (!canonical) return SecretShape::mistyped_app_password;
  crypto::wipe(*canonical);
  return SecretShape::app_password;
}

}  // namespace mailpod::members
