#include <mailpod/admin/vault_door.hpp>

namespace mailpod::admin {

Status OwnVaults::visit(const sasl::Login& login, const std::function<void(const Room&)>& work) {
  auto vault = store::Vault::open(ports_, base::join(members_, login.member.str()), login.member, login.vault_key,
                                  pod_public_key_, {});
  if (!vault) return vault.error();
  while ((*vault)->merge()) {
  }
  work({**vault, [](const std::function<void()>& change) { change(); }});
  (*vault)->close();
  return {};
}

}  // namespace mailpod::admin
