#include "../operation.hpp"
#include "../recorded_act.hpp"

namespace mailpod::admin {
namespace {

/// Records an act about a member.
Answer record(const Premises& premises, const json& arguments, governance::Act::Kind kind) {
  const auto recorded = record_act(premises, arguments, kind);
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
