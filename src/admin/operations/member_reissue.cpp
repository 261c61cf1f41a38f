#include "../arguments.hpp"
#include "../operation.hpp"

namespace mailpod::admin {

/// A new enrolment code for a newcomer who lost the first.
Answer member_reissue(const Premises& premises, const json& arguments) {
  auto invitation = premises.admissions.reissue(file_argument(arguments, "act"));
  if (!invitation.has_value()) return invitation.error();
  return json{{"member", invitation->member.str()},
              {"address", std::move(invitation->address)},
              {"code", std::move(invitation->code)}};
}

}  // namespace mailpod::admin
