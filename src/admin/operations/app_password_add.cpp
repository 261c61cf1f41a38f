#include <algorithm>
#include <array>

#include <mailpod/base/bytes.hpp>

#include "../arguments.hpp"
#include "../complaint_for.hpp"
#include "../operation.hpp"
#include "../slot_json.hpp"
#include "../slot_news.hpp"

namespace mailpod::admin {
namespace {

using members::AppPasswordWish;

constexpr std::uint64_t most_days = 3650;
constexpr std::size_t most_scopes = 4;

/// Nothing where none are named: all that the secret may do that makes it.
std::optional<sasl::Scopes> scopes_argument(const json& arguments) {
  if (!arguments.contains("scopes")) return std::nullopt;
  sasl::Scopes out = 0;
  for (const auto& item : list_argument(arguments, "scopes", most_scopes)) {
    const auto scope = item.is_string() ? scope_of(item.get_ref<const std::string&>()) : std::nullopt;
    if (!scope) throw BadRequest("the argument `scopes` names other things than imap, send, jmap and dav");
    out |= static_cast<sasl::Scopes>(*scope);
  }
  return out;
}

}  // namespace

/// With one of the member's own secrets; there is no other way.
Answer app_password_add(const Premises& premises, const json& arguments) {
  const auto& address = text_argument(arguments, "address");
  AppPasswordWish wish{.name = text_argument(arguments, "name"), .scopes = scopes_argument(arguments)};
  if (flag_argument(arguments, "send_only")) wish.kind = AppPasswordWish::Kind::send_only;
  if (const auto days = optional_number(arguments, "days", most_days))
    wish.expires = std::chrono::floor<std::chrono::seconds>(premises.clock.now()) + std::chrono::days(*days);
  auto added = premises.key_ring.add_app_password(address, secret_argument(arguments), wish);
  if (!added.has_value()) return complaint_for(added.error(), address);
  tell(premises, address, {"A new app password", "An app password was made, and called \"" + added->name + "\"."});
  return json{{"slot", base::hex(base::octets(added->slot))},
              {"name", std::move(added->name)},
              {"password", std::move(added->password)}};
}

}  // namespace mailpod::admin
