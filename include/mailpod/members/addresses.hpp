#pragma once

#include <string>
#include <utility>

#include <mailpod/members/enrolment.hpp>

namespace mailpod::members {

/// A further address for a member, as the command line asks for it: the act commits to the address by this salt.
struct AliasRequest {
  governance::SignedFile act;
  std::string address;
  base::ByteArray<32> salt{};
};

/// A group as it is to be, new or changed; the act commits to it.
struct GroupRequest {
  governance::SignedFile act;
  Group group;
};

/// Whose alias was added or removed.
struct AliasChange {
  MemberId member;
  Address address;
};

/// Carries out what maintainers decide on addresses. One caller at a time, holding the pod's lock; blocking.
///
/// The act is the commit point. An alias is added by directory (pending) → act → directory (in force) and removed by
/// act → directory. A group is set as an alias is added, and goes as one goes; a domain comes and goes by act →
/// directory. recover() completes what a crash left, or forgets what
/// no act stands behind.
class Addresses {
public:
  explicit Addresses(Household household) : house_(std::move(household)) {}

  governance::Verdict<AliasChange> add_alias(const AliasRequest& request);
  governance::Verdict<AliasChange> remove_alias(const governance::SignedFile& act);
  /// The domain. Whoever has an address there loses it first.
  governance::Verdict<std::string> add_domain(const governance::SignedFile& act);
  governance::Verdict<std::string> remove_domain(const governance::SignedFile& act);
  /// Its address stays what it was; everything else may change.
  governance::Verdict<void> set_group(const GroupRequest& request);
  governance::Verdict<Address> remove_group(const governance::SignedFile& file);
  /// At start, before mail is taken.
  void recover();

private:
  governance::Verdict<void> commit(const governance::SignedFile& act, const Person& before);
  void finish(const Person& person);
  governance::Verdict<void> commit_group(const governance::SignedFile& act, const GroupId& id);
  void recover_aliases();
  void recover_domains();
  void recover_groups();
  Household house_;
};

}  // namespace mailpod::members
