#include <algorithm>

#include <mailpod/members/error.hpp>

#include "arguments.hpp"
#include "complaint_for.hpp"
#include "slot_json.hpp"
#include "slot_news.hpp"
#include "vault_errand.hpp"

namespace mailpod::admin {

Answer measure_vault(const VaultErrand& errand, Errands::Pace&) {
  const auto& premises = errand.premises;
  const auto outside = store::measure_folder(premises.household.disk, errand.folder());
  json out{{"address", errand.address},
           {"member", errand.member.str()},
           {"messages", outside.messages},
           {"octets", outside.octets},
           {"padded_octets", outside.padded_octets},
           {"waiting", outside.waiting},
           {"unfinished", outside.unfinished},
           {"quarantined", outside.quarantined},
           {"journal_octets", outside.journal_octets},
           {"segments", outside.segments},
           {"set_aside_octets", outside.set_aside_octets},
           {"search_octets", outside.search_octets},
           {"slots", json::object()}};
  for (const auto& [type, count] : premises.key_ring.count_slots(errand.member))
    out["slots"][std::string(name_of(type))] = count;
  if (errand.secret.empty()) return out;
  store::Vault::Figures inside;
  out["mailboxes"] = json::array();
  const auto refused = errand.visit([&](const VaultDoor::Room& room) {
    room.change([&] { inside = room.vault.figures(); });
    const auto state = room.vault.state();
    for (const auto& mailbox : state->mailboxes) {
      out["mailboxes"].push_back({{"name", mailbox->name},
                                  {"messages", mailbox->count},
                                  {"unseen", mailbox->unseen},
                                  {"octets", mailbox->octets}});
    }
  });
  if (refused) return *refused;
  out["mail_octets"] = inside.mail_octets;
  out["live_octets"] = inside.live_octets;
  out["dead_octets"] = inside.journal_octets - inside.live_octets;
  out["expunged_ids"] = inside.expunged_ids;
  out["drop_keys"] = inside.drop_keys;
  const auto stored = outside.octets + outside.journal_octets + outside.search_octets;
  if (inside.mail_octets > 0 && stored >= inside.mail_octets)
    out["overhead_percent"] = (stored - inside.mail_octets) * 100 / inside.mail_octets;
  return out;
}

Answer compact_vault(const VaultErrand& errand, Errands::Pace&) {
  std::uint64_t before = 0;
  std::uint64_t after = 0;
  const auto refused = errand.visit([&](const VaultDoor::Room& room) {
    room.change([&] {
      before = room.vault.figures().journal_octets;
      room.vault.compact();
      after = room.vault.figures().journal_octets;
    });
  });
  if (refused) return *refused;
  return json{{"address", errand.address}, {"before", before}, {"after", after}};
}

/// Beside sessions, which read what is not indexed yet. Who gives up waiting leaves the rest to the vault's keeper.
Answer reindex_vault(const VaultErrand& errand, Errands::Pace& pace) {
  constexpr std::chrono::milliseconds slice{50};
  search::Stats stats;
  const auto refused = errand.visit([&](const VaultDoor::Room& room) {
    std::uint64_t messages = 0;  // copies count once each here, and once in all in the index
    for (const auto& mailbox : room.vault.state()->mailboxes) messages += mailbox->count;
    room.vault.drop_index();
    while (room.vault.index_more(slice)) pace.step(std::min(room.vault.search_stats().documents, messages), messages);
    stats = room.vault.search_stats();
  });
  if (refused) return *refused;
  return json{{"address", errand.address}, {"documents", stats.documents}, {"octets", stats.octets}};
}

Answer rekey_vault(const VaultErrand& errand, Errands::Pace&) {
  // Their sessions end, and nobody comes in, until the new key counts.
  auto revoked = Result<std::vector<members::SlotLabel>>(make_error_code(members::Errc::busy));
  errand.premises.vaults.alone(errand.member,
                               [&] { revoked = errand.premises.key_ring.rekey(errand.address, errand.proof()); });
  if (!revoked.has_value()) return complaint_for(revoked.error(), errand.address);
  if (errand.premises.daemon != nullptr) errand.premises.daemon->close_sessions(errand.member);
  tell(errand.premises, errand.address,
       {"Your mail has new keys",
        "Your mail was given new keys, and all secrets but one were revoked. Make new app passwords for your\n"
        "devices, and a new recovery code (`mailpod recovery-code`)."});
  return json{{"address", errand.address}, {"revoked", labels_json(*revoked)}};
}

namespace {

SlotNews archive_news(const std::string& recipient) {
  if (recipient.empty()) return {"No other key opens your mail", "What comes from now on is sealed to you alone."};
  return {"Another key opens your mail", "What comes from now on is sealed to this key as well:\n" + recipient};
}

}  // namespace

/// The journal first, for what the member's own programs store; then the card, for what is delivered. Died the machine
/// in between, `vault verify` says that they disagree.
Answer set_archive(const VaultErrand& errand, Errands::Pace&) {
  const auto wanted = optional_text(errand.options, "recipient");
  std::optional<crypto::AgeRecipient> recipient;
  if (!wanted.empty()) {
    const auto parsed = crypto::AgeRecipient::parse(wanted);
    if (!parsed.has_value())
      return governance::Complaint{governance::Errc::bad_value, wanted, 0, "this is no age recipient",
                                   "give a public key as `age-keygen` prints it: age1…"};
    recipient = *parsed;
  }
  Status set = {};
  const auto put = [&](const VaultDoor::Room& room) {
    room.change([&] {
      set = room.vault.set_archive_recipient(recipient);
      if (!set) return;
      const auto figures = room.vault.figures();
      errand.premises.key_ring.write_card(
          {errand.member, figures.newest_drop_key, figures.drop_recipient, figures.archive_recipient});
    });
  };
  // It outlives the secret that set it.
  if (const auto refused = errand.visit(put, members::KeyRing::Demand::what_outlives_it)) return *refused;
  if (!set.has_value()) return complaint_for(set.error(), errand.address);
  errand.premises.key_ring.note_change(errand.member);
  tell(errand.premises, errand.address, archive_news(wanted));
  return json{{"address", errand.address}, {"recipient", wanted}};
}

}  // namespace mailpod::admin
