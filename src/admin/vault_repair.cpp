#include "arguments.hpp"
#include "vault_errand.hpp"

namespace mailpod::admin {
namespace {

using store::Fault;
using store::Vault;

bool is_of_card(Fault::Kind kind) {
  return kind == Fault::Kind::card_missing || kind == Fault::Kind::card_damaged || kind == Fault::Kind::card_disagrees;
}

std::string_view name_of(Vault::Mended::Outcome outcome) {
  switch (outcome) {
    case Vault::Mended::Outcome::mended:
      return "mended";
    case Vault::Mended::Outcome::left:
      return "left";
    case Vault::Mended::Outcome::gone:
      return "gone";
  }
  return "left";
}

/// The journal, which only the member's key opens, says what the card must say.
Vault::Mended write_card(const VaultErrand& errand, Vault& vault) {
  const auto figures = vault.figures();
  if (figures.drop_keys == 0) return {};
  errand.premises.key_ring.write_card(
      {errand.member, figures.newest_drop_key, figures.drop_recipient, figures.archive_recipient});
  return {Vault::Mended::Outcome::mended, "written anew, as the journal says"};
}

}  // namespace

/// Only what an examination finds now, whatever an earlier one found.
Answer repair_vault(const VaultErrand& errand, Errands::Pace& pace) {
  const auto lost = flag_argument(errand.options, "drop_lost") ? Vault::Lost::dropped : Vault::Lost::kept;
  std::uint64_t files = 0;
  const auto outside = faults_outside(errand, pace, files);
  json acts = json::array();
  const auto refused = errand.visit([&](const VaultDoor::Room& room) {
    const auto examination = room.vault.examine();
    examine(*examination, pace, &room);
    for (const auto& fault : merged(outside, examination->faults())) {
      Vault::Mended mended;
      room.change(
          [&] { mended = is_of_card(fault.kind) ? write_card(errand, room.vault) : room.vault.mend(fault, lost); });
      pace.step(0, 0);
      auto act = fault_json(fault);
      act["outcome"] = name_of(mended.outcome);
      act["done"] = mended.what;
      acts.push_back(std::move(act));
    }
  });
  if (refused) return *refused;
  json out{{"address", errand.address}, {"acts", std::move(acts)}, {"emptied", 0}};
  if (flag_argument(errand.options, "empty_quarantine"))
    out["emptied"] = store::empty_quarantine(errand.premises.household.disk, errand.folder());
  return out;
}

}  // namespace mailpod::admin
