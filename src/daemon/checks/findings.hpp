#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <mailpod/governance/error.hpp>

namespace mailpod::daemon {

/// What `mailpod check` found: well, worth knowing, or broken; and what to do.
class Findings {
public:
  enum class Kind { ok, note, fault };
  struct Finding {
    Kind kind;
    std::string what;
    std::string advice;
  };

  void ok(std::string what) { all_.push_back({Kind::ok, std::move(what), {}}); }
  void note(std::string what, std::string advice) { all_.push_back({Kind::note, std::move(what), std::move(advice)}); }
  void fault(std::string what, std::string remedy) {
    all_.push_back({Kind::fault, std::move(what), std::move(remedy)});
  }
  void fault(const governance::Complaint& complaint) { fault(complaint.text(), {}); }

  const std::vector<Finding>& all() const { return all_; }
  bool any_fault() const {
    return std::ranges::any_of(all_, [](const Finding& finding) { return finding.kind == Kind::fault; });
  }

private:
  std::vector<Finding> all_;
};

}  // namespace mailpod::daemon
