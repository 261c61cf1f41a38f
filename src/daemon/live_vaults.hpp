#pragma once

#include <mailpod/admin/vault_door.hpp>
#include <mailpod/net/loops.hpp>
#include <mailpod/store/vaults.hpp>

namespace mailpod::daemon {

/// Members' vaults for what commands do with them, among the sessions that have them open. Borrows both; nobody may be
/// inside when the loops stop.
class LiveVaults final : public admin::VaultDoor {
public:
  LiveVaults(net::Loops& loops, store::Vaults& vaults) : loops_(loops), vaults_(vaults) {}
  Status visit(const sasl::Login& login, const std::function<void(const Room&)>& work) override;
  void alone(MemberId member, const std::function<void()>& work) override;
  store::Usage usage(MemberId member) override;

private:
  net::Loops& loops_;
  store::Vaults& vaults_;
};

}  // namespace mailpod::daemon
