#include "../arguments.hpp"
#include "../complaint_for.hpp"
#include "../operation.hpp"
#include "../person_json.hpp"
#include "../receipt.hpp"

namespace mailpod::admin {
namespace {

using governance::Complaint;
using governance::Verdict;

/// Who goes, once it is decided: by the maintainers' act, or by one of the member's own secrets. At the members' door
/// nothing is decided about anybody but who asks.
Verdict<MemberId> decide(const Premises& premises, const json& arguments) {
  if (arguments.contains("act")) {
    if (premises.asker != Asker::admin) throw BadRequest("acts are not taken here");
    return premises.departures.expel(file_argument(arguments, "act"));
  }
  const auto& address = text_argument(arguments, "address");
  MemberId member;
  {
    const auto login =
        premises.key_ring.unlock(address, secret_argument(arguments), members::KeyRing::Demand::everything);
    if (!login.has_value()) return complaint_for(login.error(), address);
    member = login->member;
  }
  if (auto left = premises.departures.leave(member); !left.has_value()) return left.error();
  return member;
}

/// Whom the request names, as their receipt is to name them; nothing of it is kept.
struct Named {
  MemberId member;
  std::string address;
};
std::optional<Named> named(const Premises& premises, const json& arguments) {
  if (!flag_argument(arguments, "with_address")) return std::nullopt;
  const auto state = premises.directory.state();
  const auto* person = find_person(*state, text_argument(arguments, "address"));
  if (person == nullptr || person->addresses.empty()) return std::nullopt;
  return Named{person->id, person->addresses.front().str()};
}

Answer receipt_of(const Premises& premises, MemberId member, const std::string& address) {
  const auto state = premises.directory.state();
  const auto found = state->departures().find(member);
  if (found == state->departures().end()) {
    return Complaint{governance::Errc::bad_value, member.str(), 0, "nobody of this id has left lately",
                     "receipts can be had for 30 days; correct the member id"};
  }
  if (found->second.progress == members::Departure::Progress::leaving) {
    return Complaint{governance::Errc::bad_value, member.str(), 0, "is no member any more, but not all is destroyed",
                     "mend what the log reports and restart: each start goes on with it"};
  }
  const auto now = premises.clock.now();
  const auto pod = premises.registry.gate().roster()->charters().at(now).pod;
  const auto receipt = write_receipt(found->second, pod, address, premises.household.pod_key);
  return json{{"member", member.str()},
              {"receipt", receipt.text},
              {"signature", receipt.signature},
              {"public_key", receipt.public_key}};
}

}  // namespace

/// From decide() on the member is nobody here, whatever fails below.
Answer member_forget(const Premises& premises, const json& arguments) {
  const auto to_name = named(premises, arguments);
  const auto member = decide(premises, arguments);
  if (!member.has_value()) return member.error();
  if (premises.daemon != nullptr) premises.daemon->close_sessions(*member);
  premises.vaults.alone(*member, [&] { premises.departures.destroy(*member); });
  // An act may be about somebody else.
  return receipt_of(premises, *member, to_name && to_name->member == *member ? to_name->address : "");
}

Answer member_receipt(const Premises& premises, const json& arguments) {
  const auto& who = text_argument(arguments, "who");
  const auto member = MemberId::parse(who);
  if (!member)
    return Complaint{governance::Errc::bad_value, who, 0, "is no member id", "write its 32 hexadecimal digits"};
  return receipt_of(premises, *member, optional_text(arguments, "address"));
}

}  // namespace mailpod::admin
