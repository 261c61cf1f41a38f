#include <mailpod/admin/audit_trail.hpp>
#include <mailpod/members/error.hpp>

#include "../arguments.hpp"
#include "../complaint_for.hpp"
#include "../operation.hpp"

namespace mailpod::admin {
namespace {

constexpr std::size_t most_enrolments = 10'000;

members::EnrolmentRequest request_of(const json& item) {
  if (!item.is_object()) throw BadRequest("an enrolment is no object");
  members::EnrolmentRequest request{text_argument(item, "address"), text_argument(item, "code"), {}};
  if (auto password = optional_text(item, "password"); !password.empty()) request.choice.password = std::move(password);
  if (auto app = optional_text(item, "app"); !app.empty()) request.choice.app_name = std::move(app);
  if (flag_argument(item, "recovery")) request.choice.recovery = members::EnrolmentChoice::Recovery::code;
  return request;
}

json answer_to(const members::EnrolmentRequest& request, Result<members::Enrolled>& enrolled) {
  if (!enrolled.has_value()) {
    auto refusal = complaint_for(enrolled.error(), request.address);
    if (enrolled.error() == members::Errc::wrong_secret) {
      refusal.what = "this is not, or no longer, their enrolment code";
      refusal.remedy = "the newest code alone counts; a maintainer gives another: `mailpod member reissue`";
    }
    return {{"address", request.address}, {"what", refusal.what}, {"remedy", refusal.remedy}};
  }
  json out{{"address", request.address}, {"member", enrolled->member.str()}};
  if (enrolled->app) out["password"] = std::move(enrolled->app->password);
  if (enrolled->recovery_code) out["recovery_code"] = std::move(*enrolled->recovery_code);
  return out;
}

void wipe(std::vector<members::EnrolmentRequest>& requests) {
  for (auto& request : requests) {
    crypto::wipe(request.code);
    if (request.choice.password) crypto::wipe(*request.choice.password);
  }
}

std::vector<members::EnrolmentRequest> requests_of(const Premises& premises, const json& arguments) {
  const std::size_t most = premises.asker == Asker::member ? 1 : most_enrolments;
  std::vector<members::EnrolmentRequest> requests;
  for (const auto& item : list_argument(arguments, "enrolments", most)) requests.push_back(request_of(item));
  return requests;
}

/// Of who came in, and of who was told their secrets, the audit log has an entry each.
void note_slots(const Premises& premises, std::span<const std::string> addresses, const char* change,
                const char* slot) {
  if (premises.audit == nullptr) return;
  const auto state = premises.directory.state();
  std::vector<governance::AuditEvent> events;
  for (const auto& address : addresses) {
    const auto* person = state->find(address);
    if (person == nullptr) continue;
    events.push_back({governance::AuditEvent::Kind::slot,
                      {{"change", change}, {"slot", slot}, {"by", "member"}, {"member", audit_mark(*person)}}});
  }
  premises.audit->write(events);
}

}  // namespace

/// Each newcomer by themselves: one wrong code does not keep the others waiting. At the members' door there is one.
Answer enrol(const Premises& premises, const json& arguments) {
  auto requests = requests_of(premises, arguments);
  auto enrolled = premises.key_ring.enrol_all(requests);
  const bool refused_at_the_door =
      premises.asker == Asker::member && !enrolled.empty() && !enrolled.front().has_value();
  if (refused_at_the_door) {
    wipe(requests);
    return complaint_for(enrolled.front().error(), "");
  }
  json out = json::array();
  std::vector<std::string> came;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (enrolled[i].has_value()) came.push_back(requests[i].address);
    out.push_back(answer_to(requests[i], enrolled[i]));
  }
  note_slots(premises, came, "made", "enrolled");
  wipe(requests);
  return json{{"enrolled", std::move(out)}};
}

/// The command line has handed the secrets on.
Answer enrol_told(const Premises& premises, const json& arguments) {
  auto requests = requests_of(premises, arguments);
  premises.key_ring.forget_codes(requests);
  wipe(requests);
  return json::object();
}

}  // namespace mailpod::admin
