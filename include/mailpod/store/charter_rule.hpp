#pragma once

#include <cstdint>

#include <mailpod/base/ports.hpp>

namespace mailpod::store {

/// How long the charter keeps mail.
struct CharterRule {
  std::uint32_t days = 0;  ///< after which messages go; 0: none does
  base::Time announced{};  ///< since when all members were told, by the pod's time; whole seconds
};

}  // namespace mailpod::store
