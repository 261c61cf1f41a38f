#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/journal/journal.hpp>
#include <mailpod/members/directory.hpp>

namespace mailpod::members {

/// The directory's journal records; stored: never renumber. docs/members-format.md, "Directory".
enum class DirectoryRecord : std::uint8_t {
  domain = 16,
  person = 17,  ///< adds or replaces
  remove = 18,
  tally = 19,
  remove_domain = 20,
  propose_group = 21,
  enact_group = 22,
  forget_proposal = 23,
  remove_group = 24,
  departure = 25,  ///< adds or replaces; removes the person
  forget_departure = 26,
  ledger = 28,
  time = 30,
  audit = 34,
  retention = 36,
};

std::string write_person(const Person& person);
/// Nothing if malformed.
std::optional<Person> parse_person(std::string_view octets);

/// A directory state being made: records applied to a copy of the one before.
class DirectoryDraft {
public:
  explicit DirectoryDraft(DirectoryState from) : state_(std::move(from)) {}

  /// False if the record makes no sense.
  bool apply(DirectoryRecord type, std::string_view payload);

  void add_domain(std::string_view domain);
  /// Errors: domain_in_use, domain_not_served.
  Status remove_domain(std::string_view domain);
  /// Errors: address_taken, domain_not_served.
  Status put(const Person& person);
  void remove(MemberId id);
  /// Errors: address_taken, domain_not_served, bad_address.
  Status propose_group(const Group& group);
  /// Errors: not_a_group.
  Status enact_group(const GroupId& id);
  void forget_proposal(const GroupId& id);
  void remove_group(const GroupId& id);
  void depart(const Departure& departure);
  void forget_departure(MemberId member) { state_.departures_.erase(member); }
  void remember(const governance::Tally& tally) { state_.tally_ = tally; }
  void remember_ledger(const governance::TreeHead& head) { state_.ledger_ = head; }
  void remember_time(base::Time time) { state_.time_ = time; }
  void remember_retention(const RetentionTold& told) { state_.retention_ = told; }
  void remember_audit(const governance::TreeHead& head) { state_.audit_ = head; }

  const DirectoryState& state() const { return state_; }
  DirectoryState take() { return std::move(state_); }

private:
  using Holder = DirectoryState::Holder;
  bool apply_to_group(DirectoryRecord type, std::string_view payload);
  Status may_have(const Holder& holder, const Address& address) const;
  DirectoryState state_;
};

std::string write_tally(const governance::Tally& tally);
std::string write_ledger(const governance::TreeHead& head);
std::string write_time(base::Time time);
std::string write_retention(const RetentionTold& told);

/// The whole state in parts, each a run of `type | u32 length | payload`, each at most journal::max_payload.
std::vector<std::string> checkpoint_parts(const DirectoryState& state);
bool apply_checkpoint_part(DirectoryDraft& draft, std::string_view part);

}  // namespace mailpod::members
