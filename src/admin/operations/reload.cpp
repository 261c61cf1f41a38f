#include "../operation.hpp"

namespace mailpod::admin {

governance::Complaint no_daemon() {
  return {governance::Errc::bad_value, "", 0, "no daemon runs", "start one: `mailpod serve`"};
}

Answer reload(const Premises& premises, const json&) {
  if (premises.daemon == nullptr) return no_daemon();
  const auto reloaded = premises.daemon->reload();
  if (!reloaded.has_value()) return reloaded.error();
  return json{{"changed", reloaded->changed},
              {"need_restart", reloaded->need_restart},
              {"certificates", reloaded->certificates}};
}

}  // namespace mailpod::admin
