// Any lines as requests on the control socket of a pod with one member and one waiting entry. Every line is answered,
// with an answer or a complaint that says what to do; and because the lines bring no act that a maintainer signed and
// no secret of the member's, nobody is admitted, suspended, enrolled or handed a secret.

#include <cstdint>
#include <cstdlib>
#include <set>

#include <nlohmann/json.hpp>

#include <mailpod/admin/desk.hpp>

#include "../../src/admin/wire.hpp"
#include "../../src/daemon/acts.hpp"
#include "../../src/daemon/founding.hpp"
#include "../simulation/clock.hpp"
#include "../simulation/disk.hpp"
#include "../simulation/entropy.hpp"

using namespace mailpod;
using nlohmann::json;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

class Pod {
public:
  Pod() {
    for (const char* folder : {"/home", "/srv"}) disk_.make_directory(folder);
    daemon::FoundingRequest request;
    request.folder = "/srv/pod";
    request.domain = "pod.lab";
    request.maintainer_key = "/home/maintainer";
    daemon::found_pod(machine_, request).value();
    auto configuration = daemon::read_configuration(disk_, "/srv/pod").value();
    configuration.argon2 = {1, 8 * 1024 * 1024};
    pod_ = daemon::OpenPod::open(machine_, {"/srv/pod"}, std::move(configuration)).value();
    desk_.emplace(pod_->premises(nullptr));
    admit_and_enrol();
    put_entry();
    before_ = standing();
  }

  json ask(json request) { return desk_->serve(request); }
  json serve(json& request) { return desk_->serve(request); }
  bool is_as_it_was() { return standing() == before_; }
  /// One entry waits, and always by the same name.
  void put_entry() {
    if (pod_->queue().show(entry_).has_value()) return;
    queue::Entry entry;
    entry.arrival = entry.next_try = clock_.now();
    entry.reverse_path = "alice@pod.lab";
    entry.recipients.resize(1);
    entry.recipients[0].address = "friend@other.example";
    entry_ = pod_->queue().put(entry, base::MemorySource("Subject: x\r\n\r\nx\r\n"));
  }
  std::string entry() const { return entry_.str(); }

private:
  void admit_and_enrol() {
    const auto keys = daemon::MaintainerKeys::read(disk_, arena_, {"/home/maintainer"});
    const auto& charter = pod_->registry().gate().roster()->charters().at(clock_.now());
    const auto salt = entropy_.bytes<32>();
    auto act = daemon::make_act(machine_, charter, governance::Act::Kind::admit, MemberId{entropy_.bytes<16>()});
    act.principal = governance::Principal::member;
    act.address_commitment = governance::address_commitment(salt, "alice@pod.lab");
    const json admission{{"act", daemon::file_json(*keys->sign(act))},
                         {"address", "alice@pod.lab"},
                         {"salt", base::hex(base::octets(salt))}};
    const auto admitted = ask({{"operation", "member.admit"}, {"arguments", {{"admissions", {admission}}}}});
    const auto code = admitted.at("answer").at("invitations").at(0).at("code");
    ask({{"operation", "enrol"},
         {"arguments", {{"enrolments", {{{"address", "alice@pod.lab"}, {"code", code}, {"app", "phone"}}}}}}})
        .at("answer");
  }
  /// Who is a member and how, which key slots they have, and what the community decided.
  json standing() {
    json out = ask({{"operation", "member.show"}, {"arguments", {{"who", "alice@pod.lab"}}}});
    out["members"] = ask({{"operation", "member.list"}});
    out["charter"] = ask({{"operation", "charter.show"}});
    std::set<std::string> files;
    for (const auto& folder : disk_.list("/srv/pod/members")) {
      const std::string slots = "/srv/pod/members/" + folder.name + "/slots";
      for (const auto& file : disk_.list(slots)) files.insert(folder.name + "/" + file.name);
    }
    require(!files.empty());
    out["slots"] = files;
    return out;
  }

  simulation::Disk disk_;
  simulation::Clock clock_;
  simulation::Entropy entropy_{12};
  crypto::KeyArena arena_;
  const daemon::OpenPod::Machine machine_{disk_, clock_, entropy_, base::silent_log(), arena_};
  std::unique_ptr<daemon::OpenPod> pod_;
  std::optional<admin::Desk> desk_;
  queue::EntryId entry_{};
  json before_;
};

/// No text stands under a key that holds secrets, or only one that was wiped.
void check_secrets(const json& value, int depth) {
  require(depth <= 16);
  for (const auto& [key, item] : value.items()) {
    const bool secret = key == "code" || key == "secret" || key == "password";
    if (secret && value.is_object() && item.is_string())
      require(item.get_ref<const std::string&>().find_first_not_of('\0') == std::string::npos);
    if (item.is_structured()) check_secrets(item, depth + 1);
  }
}

void check_reply(const json& reply) {
  require(reply.is_object() && reply.size() == 1);
  const std::string text = reply.dump(-1, ' ', false, json::error_handler_t::replace);
  require(text.find('\n') == std::string::npos && !admin::parse_message(text).is_discarded());
  check_secrets(reply, 0);
  if (reply.contains("answer")) return;
  const auto& complaint = reply.at("complaint");
  require(!complaint.at("what").get<std::string>().empty() && !complaint.at("remedy").get<std::string>().empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Pod pod;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  for (int lines = 0; !rest.empty() && lines < 8; ++lines) {
    std::string line(rest.substr(0, rest.find('\n')));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    // As it is called changes with each one that is dropped.
    if (const auto at = line.find("ENTRY"); at != std::string::npos) line.replace(at, 5, pod.entry());
    json request = admin::parse_message(line);
    check_reply(pod.serve(request));
    if (request.is_structured()) check_secrets(request, 0);
  }
  require(pod.is_as_it_was());
  pod.put_entry();
  return 0;
}
