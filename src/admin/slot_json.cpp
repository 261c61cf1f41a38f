#include "slot_json.hpp"

#include <algorithm>
#include <array>

namespace mailpod::admin {

std::string_view name_of(members::SlotType type) {
  constexpr std::array<std::string_view, 8> names{"unknown",  "enrolment", "password",  "app",
                                                  "recovery", "session",   "send-only", "guest"};
  const auto index = static_cast<std::size_t>(type);
  return names.at(index < names.size() ? index : 0);
}

namespace {

struct ScopeName {
  sasl::Scope scope;
  std::string_view name;
};
constexpr std::array scopes_by_name{ScopeName{sasl::Scope::imap, "imap"}, ScopeName{sasl::Scope::send, "send"},
                                    ScopeName{sasl::Scope::jmap, "jmap"}, ScopeName{sasl::Scope::dav, "dav"}};

}  // namespace

std::optional<sasl::Scope> scope_of(std::string_view name) {
  const auto* const row = std::ranges::find(scopes_by_name, name, &ScopeName::name);
  return row == scopes_by_name.end() ? std::nullopt : std::optional(row->scope);
}

std::vector<std::string_view> names_of(sasl::Scopes scopes) {
  std::vector<std::string_view> out;
  for (const auto& row : scopes_by_name) {
    if ((scopes & static_cast<sasl::Scopes>(row.scope)) != 0) out.push_back(row.name);
  }
  return out;
}

}  // namespace mailpod::admin
