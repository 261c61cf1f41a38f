#pragma once

#include <string>
#include <vector>

#include <mailpod/admin/desk.hpp>

#include "operation.hpp"

namespace mailpod::admin {

/// What somebody wants done with a member's vault, for the thread that does it. The secret is wiped with it.
struct VaultErrand {
  VaultErrand(Premises its_premises, const members::Person& person, const json& arguments);
  ~VaultErrand();
  VaultErrand(const VaultErrand&) = delete;
  VaultErrand& operator=(const VaultErrand&) = delete;

  std::string folder() const { return base::join(premises.household.members, member.str()); }
  /// Opens the vault by the secret; what it answers is why not.
  std::optional<governance::Complaint> visit(const std::function<void(const VaultDoor::Room&)>& work,
                                             members::KeyRing::Demand demand = members::KeyRing::Demand::reading) const;

  Premises premises;
  MemberId member;
  std::string address;
  std::string secret;  ///< empty: none was given
  std::string one_time_code;
  members::Secret proof() const { return {secret, one_time_code}; }
  json options;  ///< the other arguments
};

/// The kinds of them; each answers as an operation does.
Answer verify_vault(const VaultErrand& errand, Errands::Pace& pace);
Answer repair_vault(const VaultErrand& errand, Errands::Pace& pace);
Answer measure_vault(const VaultErrand& errand, Errands::Pace& pace);
Answer compact_vault(const VaultErrand& errand, Errands::Pace& pace);
Answer rekey_vault(const VaultErrand& errand, Errands::Pace& pace);
Answer reindex_vault(const VaultErrand& errand, Errands::Pace& pace);
Answer set_archive(const VaultErrand& errand, Errands::Pace& pace);
/// Answers questions about the mail in it, by MailCounter, until it is asked to `end`.
Answer serve_mail(const VaultErrand& errand, Errands::Pace& pace);

/// Takes messages that the member chose to the maintainers.
Answer report_mail(const VaultErrand& errand, Errands::Pace& pace);

/// `{"kind", "place", "what", "means", "remedy", …}`
json fault_json(const store::Fault& fault);
/// Looks at all there is, confirms what seems wrong where nobody changes anything. Throws Errands::Stopped.
void examine(store::Examination& examination, Errands::Pace& pace, const VaultDoor::Room* room);
/// What anybody sees, without what the member's key has shown more exactly.
std::vector<store::Fault> merged(std::vector<store::Fault> outside, const std::vector<store::Fault>& inside);
/// Card, names, frames and slots: what shows without a key.
std::vector<store::Fault> faults_outside(const VaultErrand& errand, Errands::Pace& pace, std::uint64_t& looked_at);
json labels_json(const std::vector<members::SlotLabel>& labels);

}  // namespace mailpod::admin
