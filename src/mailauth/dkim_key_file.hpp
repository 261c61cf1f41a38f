#pragma once

#include <string>
#include <string_view>

#include <mailpod/mailauth/dkim_keyring.hpp>

namespace mailpod::mailauth {

/// What the keyring's files are sealed under.
crypto::Key dkim_sealing_key(const crypto::Key& server_key);

/// A key's file, version 1; frozen. docs/pod-folder.md, "dkim".
std::string write_key_file(const KeyEntry& entry, const crypto::Key& sealing_key, base::Entropy& entropy);
/// What write_key_file() gave for this domain and selector. Errors: damaged, unknown_version.
Result<KeyEntry> parse_key_file(std::string_view octets, const std::string& domain, const std::string& selector,
                                const crypto::Key& sealing_key);

}  // namespace mailpod::mailauth
