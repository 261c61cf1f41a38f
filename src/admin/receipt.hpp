#pragma once

#include <string>

#include <mailpod/crypto/keys.hpp>
#include <mailpod/crypto/sign.hpp>
#include <mailpod/members/departure.hpp>

namespace mailpod::admin {

/// What somebody who left takes along: plain text, and the pod key's signature as a minisign file.
struct Receipt {
  std::string text;
  std::string signature;
  std::string public_key;  ///< the line that `minisign -P` takes; the key itself is the charter's pod_key
};

/// `address`: named only where it is not empty.
Receipt write_receipt(const members::Departure& departure, const std::string& pod, const std::string& address,
                      const crypto::SigningKey& pod_key);

}  // namespace mailpod::admin
