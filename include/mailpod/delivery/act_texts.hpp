#pragma once

#include <optional>
#include <string>
#include <vector>

#include <mailpod/governance/act_text.hpp>
#include <mailpod/members/enrolment.hpp>
#include <mailpod/store/letterbox.hpp>

namespace mailpod::delivery {

/// Texts that acts commit to, on their way into the vaults of those concerned: announcements to everybody, what a
/// dispute is about to its parties and the maintainers. docs/care.md, "Texts".
///
/// A text is kept sealed, before its act is recorded, until everybody has it. So whatever dies in between, all get it,
/// and each once: a message is called by its act and member, and a vault takes a message of one name once. Whose keys
/// do not exist yet gets none. One caller at a time, holding the pod's lock; blocking. I/O failure throws
/// std::system_error, and the next deliver() goes on.
class ActTexts {
public:
  /// `folder`: texts/; made when it is needed first.
  ActTexts(members::Household house, std::string folder);

  /// Durable once this returns. `until`: forgotten then, unless the act is in force.
  void keep(const governance::Hash& act, std::string_view octets, base::Time until);
  /// What is kept for the act. Nothing also where it cannot be opened.
  std::optional<std::string> find(const governance::Hash& act) const;

  struct Told {
    MemberId member;
    store::Arrival arrival;  ///< for Vaults::announce
  };
  /// Whoever is to have a text whose act is in force has it once this returns.
  std::vector<Told> deliver();

private:
  struct Kept;
  std::optional<Kept> read(const std::string& name) const;
  void seal(const std::string& name, const Kept& kept);
  std::vector<std::string> names() const;
  void forget(const std::string& name);
  std::vector<MemberId> readers(const governance::CommittedText& text, const governance::ActText& words) const;
  std::optional<store::Arrival> put(const governance::Hash& act, const governance::ActText& words, MemberId member);
  void finish(const governance::CommittedText& text, const governance::ActText& words, const std::string& name);

  members::Household house_;
  std::string folder_;
  crypto::Key key_;
};

}  // namespace mailpod::delivery
