#pragma once

#include <optional>
#include <string>
#include <vector>

#include <mailpod/base/ports.hpp>

namespace mailpod::daemon {

/// A certificate that signs itself, and its private key, both PEM.
struct SelfSigned {
  std::string certificate;
  std::string key;
};

/// ECDSA P-256, valid from an hour before `now` for ten years, for the given DNS names and for 127.0.0.1 and ::1. A pod
/// has it until its admin brings a certificate that strangers trust.
SelfSigned make_self_signed(const std::vector<std::string>& names, base::Time now);

/// When a PEM file's first certificate expires; nothing if it holds none.
std::optional<base::Time> expiry_of(const std::string& pem);

/// Whether that certificate is for this host; whether nobody but itself vouches for it.
bool is_for(const std::string& pem, const std::string& host);
bool is_self_signed(const std::string& pem);

}  // namespace mailpod::daemon
