#include "../operation.hpp"

namespace mailpod::admin {

/// While everything goes on; the answer's `code` is the new recovery share.
Answer server_key_rotate(const Premises& premises, const json&) {
  auto code = premises.keys->rotate_server_key();
  if (!code.has_value()) return code.error();
  return json{{"code", std::move(*code)}};
}

}  // namespace mailpod::admin
