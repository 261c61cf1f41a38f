#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "acts.hpp"
#include "workplace.hpp"

namespace mailpod::daemon {

/// Where maintainers sign at a command line: their keys, the charter in force, and the office that carries acts out.
class SigningDesk {
public:
  explicit SigningDesk(const Common& common);

  /// Reads the key files and asks for the charter; before anything else.
  governance::Verdict<void> open(const std::vector<std::string>& maintainer_keys);
  /// Asks for the charter alone: nothing is signed here.
  governance::Verdict<void> open();

  const OpenPod::Machine& machine() const { return machine_; }
  const governance::Charter& charter() const { return charter_; }
  const MaintainerKeys& keys() const { return *keys_; }

  /// An act of today under the charter in force; the caller fills in what its kind asks for beside.
  governance::Act act(governance::Act::Kind kind, MemberId member = {}) const;
  /// The operation's answer, or its complaint.
  governance::Verdict<nlohmann::json> ask(const std::string& operation, nlohmann::json arguments);
  /// Whom an address, alias or id means.
  governance::Verdict<MemberId> member(const std::string& who);
  /// Signs the act, and asks for `operation` with it beside `arguments`, an object.
  governance::Verdict<nlohmann::json> carry_out(const governance::Act& act, const std::string& operation,
                                                nlohmann::json arguments = nlohmann::json::object());

private:
  Workplace workplace_;
  OpenPod::Machine machine_;
  Office office_;
  std::optional<MaintainerKeys> keys_;
  governance::Charter charter_;
};

}  // namespace mailpod::daemon
