#include <algorithm>
#include <array>

#include <mailpod/crypto/age.hpp>
#include <mailpod/members/error.hpp>
#include <mailpod/store/letterbox.hpp>

#include "../arguments.hpp"
#include "../complaint_for.hpp"
#include "../person_json.hpp"
#include "../reply.hpp"
#include "../vault_errand.hpp"

namespace mailpod::admin {
namespace {

enum class Secret { needed, wanted };

struct Kind {
  std::string_view name;
  Secret secret;
  Answer (*run)(const VaultErrand& errand, Errands::Pace& pace);
  Asked asked = Asked::by_admin;
};

constexpr std::array kinds{
    Kind{"verify", Secret::wanted, verify_vault, Asked::by_member},
    Kind{"repair", Secret::needed, repair_vault, Asked::by_member},
    Kind{"stats", Secret::wanted, measure_vault, Asked::by_member},
    Kind{"compact", Secret::needed, compact_vault, Asked::by_member},
    Kind{"rekey", Secret::needed, rekey_vault, Asked::by_member},
    Kind{"archive", Secret::needed, set_archive, Asked::by_member},
    Kind{"reindex", Secret::needed, reindex_vault, Asked::by_member},
    Kind{"mail", Secret::needed, serve_mail, Asked::by_member},
    Kind{"report", Secret::needed, report_mail, Asked::by_member},
};

json reply_to(Answer given) {
  if (given.refusal) return reply_of(*given.refusal);
  return {{"answer", std::move(given.value)}};
}

const members::Person* enrolled(const members::DirectoryState& state, const std::string& who) {
  const auto* person = find_person(state, who);
  return person != nullptr && person->has_card() ? person : nullptr;
}

}  // namespace

/// Begins a piece of work; `vault.look` says how far it is, and at last its answer.
Answer vault_begin(const Premises& premises, const json& arguments) {
  const auto& what = text_argument(arguments, "what");
  const auto* const kind = std::ranges::find(kinds, what, &Kind::name);
  const bool is_for_them = kind != kinds.end() && (premises.asker == Asker::admin || kind->asked == Asked::by_member);
  if (!is_for_them) throw BadRequest("nothing of this kind is done with vaults");
  if (kind->secret == Secret::needed) text_argument(arguments, "secret");
  const auto& who = text_argument(arguments, "member");
  const auto state = premises.directory.state();
  const auto* person = enrolled(*state, who);
  if (person == nullptr) return complaint_for(make_error_code(members::Errc::not_a_member), who);
  const auto errand = std::make_shared<const VaultErrand>(premises, *person, arguments);
  const auto name =
      premises.errands.begin(premises.household.entropy, person->id,
                             [errand, run = kind->run](Errands::Pace& pace) { return reply_to(run(*errand, pace)); });
  if (!name)
    return governance::Complaint{governance::Errc::bad_value, who, 0, "too much is being done for them at present",
                                 "wait half a minute: what was interrupted ends by itself"};
  return json{{"errand", *name}};
}

Answer vault_look(const Premises& premises, const json& arguments) {
  const auto& name = text_argument(arguments, "errand");
  auto look = premises.errands.look(name);
  if (!look)
    return governance::Complaint{governance::Errc::bad_value, name, 0, "this is not under way", "begin it again"};
  json out{{"done", look->done}, {"of", look->of}, {"reply", nullptr}};
  if (look->reply) out["reply"] = std::move(*look->reply);
  return out;
}

/// Asks an errand that answers questions, or waits on for its answer.
Answer vault_ask(const Premises& premises, const json& arguments) {
  const auto& name = text_argument(arguments, "errand");
  std::unique_ptr<json> question;
  if (arguments.contains("question")) question = std::make_unique<json>(arguments.at("question"));
  std::optional<Errands::Word> word;
  try {
    word = premises.errands.ask(name, std::move(question));
  } catch (const std::logic_error& fault) {
    throw BadRequest(fault.what());
  }
  if (!word)
    return governance::Complaint{governance::Errc::bad_value, name, 0, "this is not under way", "begin it again"};
  json out{{"answer", nullptr}, {"reply", nullptr}};
  if (word->answer) out["answer"] = std::move(*word->answer);
  if (word->reply) out["reply"] = std::move(*word->reply);
  return out;
}

/// Which secrets a rekey would cost.
Answer vault_others(const Premises& premises, const json& arguments) {
  const auto& who = text_argument(arguments, "member");
  const auto labels = premises.key_ring.others(who, secret_argument(arguments));
  if (!labels.has_value()) return complaint_for(labels.error(), who);
  return json{{"others", labels_json(*labels)}};
}

/// Needs no secret where the pod's folder is.
Answer vault_archive_show(const Premises& premises, const json& arguments) {
  const auto& who = text_argument(arguments, "member");
  if (premises.asker == Asker::member) {
    const auto login = premises.key_ring.unlock(who, secret_argument(arguments));
    if (!login.has_value()) return complaint_for(login.error(), who);
  }
  const auto state = premises.directory.state();
  const auto* person = enrolled(*state, who);
  if (person == nullptr) return complaint_for(make_error_code(members::Errc::not_a_member), who);
  const auto& house = premises.household;
  const auto card =
      store::read_card(house.disk, base::join(house.members, person->id.str()), person->id, house.pod_key.public_key());
  if (!card.has_value()) return complaint_for(card.error(), who);
  json out{{"recipient", nullptr}};
  if (card->archive_recipient) out["recipient"] = crypto::AgeRecipient{*card->archive_recipient}.str();
  return out;
}

/// Whose folders hold files that nobody vouches for.
Answer vault_quarantined(const Premises& premises, const json&) {
  json out = json::array();
  const auto state = premises.directory.state();
  for (const auto& [id, person] : state->people()) {
    const auto files =
        store::quarantined_files(premises.household.disk, base::join(premises.household.members, id.str()));
    if (files.empty()) continue;
    out.push_back(
        {{"address", person->addresses.empty() ? id.str() : person->addresses[0].str()}, {"files", files.size()}});
  }
  return json{{"quarantined", std::move(out)}};
}

}  // namespace mailpod::admin
