#include "recorded_act.hpp"

#include "arguments.hpp"

namespace mailpod::admin {

governance::Verdict<governance::Act> record_act(const Premises& premises, const nlohmann::json& arguments,
                                                governance::Act::Kind kind) {
  const auto file = file_argument(arguments, "act");
  const auto act = governance::parse_act(file.octets, file.name);
  if (!act.has_value()) return act.error();
  if (act->kind != kind) throw BadRequest("the act is of another kind");
  return premises.admissions.record(file);
}

}  // namespace mailpod::admin
