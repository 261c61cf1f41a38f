#include "office.hpp"

#include <nlohmann/json.hpp>

#include <unistd.h>

#include <mailpod/admin/control_socket.hpp>

#include "terminal.hpp"

namespace mailpod::daemon {
namespace {

using governance::Complaint;
using governance::Errc;
using nlohmann::json;

}  // namespace

Office::Office(const OpenPod::Machine& machine, Common common)
    : machine_(machine), common_(std::move(common)), folder_{common_.pod} {}
Office::~Office() = default;

governance::Verdict<json> Office::ask(const std::string& operation, json arguments) {
  json request{{"operation", operation}, {"arguments", std::move(arguments)}};
  const auto reply = common_.at.empty() ? reply_to(request) : reply_from_elsewhere(request);
  if (!reply.has_value()) return reply.error();
  if (reply->contains("answer")) return governance::Verdict<json>(boost::system::in_place_value, reply->at("answer"));
  const auto& complaint = reply->at("complaint");
  return Complaint{Errc::bad_value, complaint.at("file"), complaint.at("line"), complaint.at("what"),
                   complaint.at("remedy")};
}

governance::Verdict<json> Office::reply_to(json& request) {
  if (!machine_.disk.status(folder_.configuration()))
    return Complaint{Errc::missing_key, folder_.configuration(), 0, "there is no pod here",
                     "name the pod's folder with --pod, or its host with --at, or make a pod with `mailpod init`"};
  auto reply = pod_ ? std::nullopt : admin::ask_daemon(folder_.path, request);
  if (!reply) {
    auto opened = open_here();
    if (!opened.has_value()) return opened.error();
    reply = desk_->serve(request, fmt::format("uid:{}", ::geteuid()));
  }
  return governance::Verdict<json>(boost::system::in_place_value, std::move(*reply));
}

governance::Verdict<json> Office::reply_from_elsewhere(const json& request) {
  if (!elsewhere_) {
    const auto place = DoorPlace::parse(common_.at);
    if (!place)
      return Complaint{Errc::bad_value, common_.at, 0, "this is no host name, with or without a port",
                       "write it as the pod's certificate does: mail.example.org, or mail.example.org:4194"};
    elsewhere_ = std::make_unique<RemoteDoor>(*place, common_.ca);
  }
  return elsewhere_->ask(request);
}

governance::Verdict<void> Office::open_here() {
  if (pod_) return {};
  auto configuration = read_configuration(machine_.disk, folder_.path);
  if (!configuration.has_value()) return configuration.error();
  auto pod = OpenPod::open(machine_, folder_, std::move(*configuration), ask_server_key_passphrase);
  if (!pod.has_value()) return pod.error();
  pod_ = std::move(*pod);
  desk_ = std::make_unique<admin::Desk>(pod_->premises(nullptr));
  return {};
}

}  // namespace mailpod::daemon
