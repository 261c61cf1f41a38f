#include "../arguments.hpp"
#include "../complaint_for.hpp"
#include "../operation.hpp"
#include "../person_json.hpp"

// What members say of newcomers.
namespace mailpod::admin {
namespace {

using governance::Complaint;
using governance::Errc;

Complaint no_candidate(const std::string& who) {
  return {Errc::no_candidate, who, 0, "nobody by that name asks to join", "`mailpod candidates` shows who does"};
}

/// Whose name it is among those who wait. At the members' door addresses are nobody's business: there ids are meant.
std::optional<MemberId> newcomer_named(const Premises& premises, const std::string& who) {
  const auto id = MemberId::parse(who);
  if (id || premises.asker == Asker::member) return id;
  const auto state = premises.directory.state();
  for (const auto& [member, person] : state->people()) {
    const bool meant = state->key_for(who) == person->addresses.front().key();
    if (meant && premises.registry.gate().roster()->candidates().contains(member)) return member;
  }
  return std::nullopt;
}

json words_json(const std::map<MemberId, base::Time>& words) {
  json out = json::array();
  for (const auto& [by, when] : words) out.push_back({{"by", by.str()}, {"at", time_text(when)}});
  return out;
}

}  // namespace

void settle(const Premises& premises) {
  premises.admissions.settle(premises.time == nullptr ? premises.clock.now() : premises.time->now());
}

/// What a member's command line must know to write a vouch: the charter in force, whose key it is, who is meant.
Answer vouch_frame(const Premises& premises, const json& arguments) {
  const auto roster = premises.registry.gate().roster();
  const auto& charter = roster->charters().at(premises.clock.now());
  json out{{"pod", charter.pod}, {"charter", charter.seq}};
  const auto& key = text_argument(arguments, "citizen_key");
  for (const auto& [member, standing] : roster->standings()) {
    if (!standing.expelled && standing.citizen_key && standing.citizen_key->str() == key) out["by"] = member.str();
  }
  if (!out.contains("by"))
    return Complaint{Errc::key_taken, key, 0, "this is no member's citizen key",
                     "have the maintainers enter it: `mailpod member citizen-key`"};
  const auto who = optional_text(arguments, "newcomer");
  if (who.empty()) return out;
  const auto newcomer = newcomer_named(premises, who);
  if (!newcomer) return no_candidate(who);
  out["newcomer"] = newcomer->str();
  return out;
}

/// What follows from it at once follows before the answer.
Answer vouch(const Premises& premises, const json& arguments) {
  const auto recorded = premises.admissions.record_vouch(file_argument(arguments, "vouch"));
  if (!recorded.has_value()) return recorded.error();
  settle(premises);
  json out{{"by", recorded->by.str()}};
  if (recorded->invitation) out["invitation"] = base::hex(base::octets(*recorded->invitation));
  if (recorded->newcomer) {
    out["newcomer"] = recorded->newcomer->str();
    out["admitted"] = premises.registry.gate().roster()->find(*recorded->newcomer) != nullptr;
  }
  return out;
}

/// Who asks to join, what is said of them, and when they come in if nobody objects. Their addresses are for members.
Answer candidate_list(const Premises& premises, const json& arguments) {
  if (premises.asker == Asker::member) {
    const auto& who = text_argument(arguments, "address");
    if (const auto asks = premises.key_ring.unlock(who, secret_argument(arguments)); !asks)
      return complaint_for(asks.error(), who);
  }
  const auto now = premises.clock.now();
  const auto roster = premises.registry.gate().roster();
  const auto state = premises.directory.state();
  const auto& rules = roster->charters().at(now).members;
  json out = json::array();
  for (const auto& [member, candidate] : roster->candidates()) {
    if (roster->find_candidate(member, now) == nullptr) continue;
    json one{{"member", member.str()},
             {"since", time_text(candidate.since)},
             {"vouches", words_json(candidate.vouches)},
             {"objections", words_json(candidate.objections)},
             {"needed", rules.vouches}};
    if (const auto* person = state->find(member)) one["address"] = person->addresses.front().str();
    if (const auto ripe = roster->ripe_at(candidate, now)) one["joins"] = time_text(*ripe);
    out.push_back(std::move(one));
  }
  return json{{"candidates", std::move(out)}};
}

}  // namespace mailpod::admin
