#pragma once

#include <chrono>
#include <stdexcept>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include <mailpod/governance/error.hpp>

#include "../office.hpp"

namespace mailpod::daemon {

/// A command's conversation with an open vault: questions of admin::MailCounter, by an errand of the desk's, which
/// serves others between them. Not shared between threads.
class MailVisit {
public:
  /// The desk's refusal, or the end of the visit: the member was suspended, the daemon stopped.
  struct Refused : std::runtime_error {
    explicit Refused(governance::Complaint why) : std::runtime_error(why.text()), complaint(std::move(why)) {}
    governance::Complaint complaint;
  };

  /// Throws Refused; a wrong secret shows at the first question.
  MailVisit(Office& office, const std::string& member, const std::string& secret);
  ~MailVisit();
  MailVisit(const MailVisit&) = delete;
  MailVisit& operator=(const MailVisit&) = delete;

  /// The answer, however long it takes. Throws Refused.
  nlohmann::json ask(const nlohmann::json& question);
  /// Of mail in one question, before base64.
  Office::Portion portion() const { return office_.portion(); }
  /// From time to time while nothing is asked: otherwise the desk takes us for gone.
  void stay();

private:
  nlohmann::json desk(const std::string& operation, nlohmann::json arguments);

  Office& office_;
  std::string errand_;
  std::chrono::steady_clock::time_point heard_;
};

}  // namespace mailpod::daemon
