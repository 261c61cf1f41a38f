#pragma once

#include <mailpod/store/charter_rule.hpp>
#include <mailpod/store/vaults.hpp>

namespace mailpod::store {

/// The time by which messages grow old. Any thread, at once; outlives the vaults.
class RetentionTime {
public:
  virtual ~RetentionTime() = default;
  /// Never later than it is, whatever the clock says.
  virtual base::Time now() const = 0;
  /// Since when all members were told of the charter's rule, by this time; whole seconds. The epoch: they were not.
  virtual base::Time announced() const = 0;
};

/// As make_vaults(), but messages go once their time is over: by Vaults::Settings::charter_days, and by what members
/// wrote. In others none goes by itself, by whatever rule.
std::unique_ptr<Vaults> make_retaining_vaults(Vault::Ports ports, net::Pool& pool, Vaults::Settings settings,
                                              const RetentionTime& time, net::Alarms& alarms = net::system_alarms());

}  // namespace mailpod::store
