#include "../arguments.hpp"
#include "../operation.hpp"

namespace mailpod::admin {
namespace {

/// Records an act that must be of `kind`; the operation's name then says what was done.
Answer record(const Premises& premises, const json& arguments, governance::Act::Kind kind) {
  const auto file = file_argument(arguments, "act");
  const auto act = governance::parse_act(file.octets, file.name);
  if (!act.has_value()) return act.error();
  if (act->kind != kind) throw BadRequest("the act is of another kind");
  const auto recorded = premises.admissions.record(file);
  if (!recorded.has_value()) return recorded.error();
  if (kind == governance::Act::Kind::suspend && premises.daemon != nullptr)
    premises.daemon->close_sessions(recorded->member);
  return json{{"member", recorded->member.str()}};
}

}  // namespace

Answer member_suspend(const Premises& premises, const json& arguments) {
  return record(premises, arguments, governance::Act::Kind::suspend);
}

Answer member_reinstate(const Premises& premises, const json& arguments) {
  return record(premises, arguments, governance::Act::Kind::reinstate);
}

Answer member_quota(const Premises& premises, const json& arguments) {
  return record(premises, arguments, governance::Act::Kind::set_quota);
}

/// By which key the member votes from now on.
Answer member_citizen_key(const Premises& premises, const json& arguments) {
  return record(premises, arguments, governance::Act::Kind::set_citizen_key);
}

}  // namespace mailpod::admin
