#include "recovery_code.hpp"

#include <algorithm>

#include <mailpod/text/ascii.hpp>
#include <mailpod/text/base32.hpp>

#include "member_folder.hpp"
#include "slot_keys.hpp"

namespace mailpod::members {
namespace {

constexpr std::size_t octets_of_a_code = 20;
constexpr std::size_t characters_of_a_code = 33;  // the check character is the last
constexpr std::string_view letters = "0123456789abcdefghijklmnopqrstvwxyz";
constexpr std::string_view checks = "0123456789abcdefghijklmnopqrstvwxyz*~$=u";

}  // namespace

NewRecoveryCode make_recovery_code(const Household& house, MemberId member, const crypto::Key& vault_key) {
  auto secret = house.entropy.bytes<octets_of_a_code>();
  auto label = new_label(house, member, SlotType::recovery, "recovery code");
  NewRecoveryCode out{text::write_code(base::octets(secret)),
                      make_token_slot(slot_ports(house), std::move(label), base::octets(secret), vault_key)};
  crypto::wipe(secret);
  return out;
}

std::optional<std::string> parse_recovery_code(std::string_view typed) {
  if (typed.size() > 2 * characters_of_a_code) return std::nullopt;
  auto octets = text::parse_code(typed);
  if (!octets || octets->size() == octets_of_a_code) return octets;
  crypto::wipe(*octets);
  return std::nullopt;
}

bool is_mistyped_recovery_code(std::string_view typed) {
  std::string symbols;
  for (const char c : typed) {
    if (c != '-' && c != ' ') symbols += text::lower(c);
  }
  const bool shaped = symbols.size() == characters_of_a_code && checks.find(symbols.back()) != std::string_view::npos &&
                      symbols.find_first_not_of(letters) >= characters_of_a_code - 1;
  crypto::wipe(symbols);
  if (!shaped) return false;
  auto octets = text::parse_code(typed);
  if (octets) crypto::wipe(*octets);
  return !octets;
}

}  // namespace mailpod::members
