#pragma once

#include <string>
#include <string_view>

#include <mailpod/base/disk.hpp>
#include <mailpod/governance/error.hpp>

namespace mailpod::daemon {

/// What a pod's folder is made of.
struct PodFolder {
  std::string path;

  std::string in(std::string_view name) const { return base::join(path, name); }
  /// A path of the configuration: absolute, relative to the folder, or `credential:NAME`, a file that systemd put into
  /// $CREDENTIALS_DIRECTORY (LoadCredential=, LoadCredentialEncrypted=).
  std::string at(const std::string& configured) const;

  /// Whether a path of the configuration is a credential, which only the service sees and nobody writes.
  static bool is_credential(std::string_view configured);

  std::string configuration() const { return in("mailpod.toml"); }
  std::string lock() const { return in("lock"); }
  std::string pod_key() const { return in("pod.key"); }
  std::string governance() const { return in("governance"); }
  std::string ledger() const { return base::join(governance(), "ledger"); }
  std::string audit() const { return in("audit"); }
  std::string witnessed() const { return in("witnessed"); }
  std::string directory() const { return in("directory.log"); }
  std::string queue() const { return in("queue"); }
  std::string dkim() const { return in("dkim"); }
  std::string members() const { return in("members"); }
  std::string strangers() const { return in("strangers"); }
  std::string waiting() const { return in("waiting"); }
  std::string texts() const { return in("texts"); }
  std::string tls() const { return in("tls"); }
};

/// What anybody but the folder's owner wrote there, the owner's daemon could not open afterwards: root has that power
/// where nobody serves, and would leave a lock that is root's.
governance::Verdict<void> check_owner(base::Disk& disk, const PodFolder& folder);

}  // namespace mailpod::daemon
