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
  void remember(const governance::Tally& tally) { state_.tally_ = tally; }

  const DirectoryState& state() const { return state_; }
  DirectoryState take() { return std::move(state_); }

private:
  Status may_have(const Person& person, const Address& address) const;
  DirectoryState state_;
};

std::string write_tally(const governance::Tally& tally);

/// The whole state in parts, each a run of `type | u32 length | payload`, each at most journal::max_payload.
std::vector<std::string> checkpoint_parts(const DirectoryState& state);
bool apply_checkpoint_part(DirectoryDraft& draft, std::string_view part);

}  // namespace mailpod::members
