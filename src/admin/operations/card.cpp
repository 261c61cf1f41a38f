#include "../operation.hpp"

namespace mailpod::admin {

/// What the pod says of itself to others, as `/.well-known/mailpod/pod` has it.
Answer card_show(const Premises& premises, const json&) {
  return json{{"card", premises.card()}};
}

}  // namespace mailpod::admin
