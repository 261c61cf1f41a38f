#pragma once

#include <string>
#include <vector>

#include "open_pod.hpp"

namespace mailpod::daemon {

/// What `mailpod init` is told.
struct FoundingRequest {
  std::string folder;
  std::string domain;
  std::string maintainer_key;  ///< a minisign secret key file; made, with its .pub beside it, if it is not there
  std::string maintainer_name = "maintainer";
  std::string server_key;        ///< empty: server.key in the folder
  std::string charter_template;  ///< name or file; empty: the usual first charter
  std::string charter;           ///< a charter 1 with its founders' signatures beside it, in place of a key and a name
};

/// What the founder writes down.
struct Founding {
  governance::Hash charter{};
  std::vector<std::string> maintainer_public_keys;
  std::string server_key_code;  ///< the caller wipes it
};

/// Makes a pod: keys, a certificate of its own, charter 1 signed by the maintainer, an empty directory, and last the
/// configuration, so that a folder without mailpod.toml is no pod. Refuses a folder that holds anything, and a
/// maintainer's key inside of it: who steals the pod's disk must not get that too.
governance::Verdict<Founding> found_pod(const OpenPod::Machine& machine, const FoundingRequest& request);

}  // namespace mailpod::daemon
