#include "office.hpp"

#include <nlohmann/json.hpp>

#include <mailpod/admin/control_socket.hpp>

namespace mailpod::daemon {
namespace {

using governance::Complaint;
using governance::Errc;
using nlohmann::json;

}  // namespace

Office::Office(const OpenPod::Machine& machine, PodFolder folder) : machine_(machine), folder_(std::move(folder)) {}
Office::~Office() = default;

governance::Verdict<json> Office::ask(const std::string& operation, json arguments) {
  if (!machine_.disk.status(folder_.configuration()))
    return Complaint{Errc::missing_key, folder_.configuration(), 0, "there is no pod here",
                     "name the pod's folder with --pod, or make a pod with `mailpod init`"};
  json request{{"operation", operation}, {"arguments", std::move(arguments)}};
  auto reply = pod_ ? std::nullopt : admin::ask_daemon(folder_.path, request);
  if (!reply) {
    auto opened = open_here();
    if (!opened.has_value()) return opened.error();
    reply = desk_->serve(request);
  }
  if (reply->contains("answer")) return governance::Verdict<json>(boost::system::in_place_value, reply->at("answer"));
  const auto& complaint = reply->at("complaint");
  return Complaint{Errc::bad_value, complaint.at("file"), complaint.at("line"), complaint.at("what"),
                   complaint.at("remedy")};
}

governance::Verdict<void> Office::open_here() {
  if (pod_) return {};
  auto configuration = read_configuration(machine_.disk, folder_.path);
  if (!configuration.has_value()) return configuration.error();
  auto pod = OpenPod::open(machine_, folder_, std::move(*configuration));
  if (!pod.has_value()) return pod.error();
  pod_ = std::move(*pod);
  desk_ = std::make_unique<admin::Desk>(pod_->premises(nullptr));
  return {};
}

}  // namespace mailpod::daemon
