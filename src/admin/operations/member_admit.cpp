#include "../arguments.hpp"
#include "../operation.hpp"

namespace mailpod::admin {
namespace {

constexpr std::size_t most_admissions = 10'000;

}  // namespace

/// All of them or none; each code is answered once and kept nowhere.
Answer member_admit(const Premises& premises, const json& arguments) {
  std::vector<members::Admission> admissions;
  for (const auto& item : list_argument(arguments, "admissions", most_admissions)) {
    if (!item.is_object()) throw BadRequest("an admission is no object");
    admissions.push_back({file_argument(item, "act"), text_argument(item, "address"), hash_argument(item, "salt")});
  }
  auto invited = premises.admissions.admit(admissions);
  if (!invited.has_value()) return invited.error();
  json out = json::array();
  for (auto& invitation : *invited) {
    out.push_back({{"member", invitation.member.str()},
                   {"address", std::move(invitation.address)},
                   {"code", std::move(invitation.code)}});
  }
  return json{{"invitations", std::move(out)}};
}

}  // namespace mailpod::admin
