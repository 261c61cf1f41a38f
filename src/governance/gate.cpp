#include <mailpod/governance/roster.hpp>

namespace mailpod::governance {
namespace {

Status admitted_and_not_suspended(const Roster& roster, MemberId member, base::Time at) {
  const Standing* standing = roster.find(member);
  if (standing == nullptr || standing->expelled) return boost::system::error_code(make_error_code(Errc::not_admitted));
  if (standing->suspended(at)) return boost::system::error_code(make_error_code(Errc::suspended));
  return {};
}

}  // namespace

// One rule for all four today; they are four questions because charters will answer them differently.
Status Gate::may_receive(MemberId member, base::Time at) const {
  return admitted_and_not_suspended(*roster(), member, at);
}
Status Gate::may_log_in(MemberId member, base::Time at) const {
  return admitted_and_not_suspended(*roster(), member, at);
}
Status Gate::may_submit(MemberId member, base::Time at) const {
  return admitted_and_not_suspended(*roster(), member, at);
}
Status Gate::may_be_enrolled(MemberId member, base::Time at) const {
  return admitted_and_not_suspended(*roster(), member, at);
}

std::shared_ptr<const Roster> Gate::roster() const {
  const std::scoped_lock lock(mutex_);
  return roster_;
}

void Gate::publish(std::shared_ptr<const Roster> roster) {
  const std::scoped_lock lock(mutex_);
  roster_.swap(roster);
}

}  // namespace mailpod::governance
