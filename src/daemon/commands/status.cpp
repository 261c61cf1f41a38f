#include <nlohmann/json.hpp>

#include "../commands.hpp"
#include "../office.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

namespace mailpod::daemon {

int status(const Common& common) {
  const Workplace workplace;
  Office office(workplace.machine(), common);
  const auto answer = office.ask("status", nlohmann::json::object());
  if (!answer.has_value()) return complain(answer.error());
  if (common.output == Output::json) {
    say("{}\n", answer->dump(2));
    return 0;
  }
  say("mailpod {}  pod {}\n", answer->at("version").get<std::string>(), answer->at("pod").get<std::string>());
  say("charter {}, expires {}\n", answer->at("charter").get<std::uint64_t>(),
      answer->at("charter_expires").get<std::string>());
  say("people {}, enrolled {}, queued {}\n", answer->at("people").get<std::uint64_t>(),
      answer->at("enrolled").get<std::uint64_t>(), answer->at("queued").get<std::uint64_t>());
  if (const auto agreed = answer->find("agreed"); agreed != answer->end() && !agreed->at("runs").get<bool>())
    say("the maintainers agreed to another program: {} of SHA-256 {}; `mailpod check` says more\n",
        agreed->at("version").get<std::string>(), agreed->at("program").get<std::string>());
  for (const auto& member : answer->at("braked"))
    say("mail that {} sends is held by the brake\n", member.get<std::string>());
  for (const auto& full : answer->at("filling"))
    say("the vault of {} is {} % full\n", full.at("member").get<std::string>(), full.at("percent").get<unsigned>());
  if (!answer->at("running").get<bool>()) {
    say("no daemon runs\n");
    return 0;
  }
  say("daemon {} up {} s\n", answer->at("process").get<std::uint32_t>(), answer->at("up_seconds").get<std::uint64_t>());
  if (const auto& sending = answer->at("sending"); sending.is_null()) {
    say("  sending is off\n");
  } else {
    say("  sending      {} waiting, {} held, {} connections; {} delivered, {} failed\n",
        sending.at("waiting").get<std::uint64_t>(), sending.at("held").get<std::uint64_t>(),
        sending.at("connections").get<std::uint64_t>(), sending.at("delivered").get<std::uint64_t>(),
        sending.at("failed").get<std::uint64_t>());
  }
  for (const auto& listener : answer->at("listeners")) {
    say("  {:<12} port {:<5}  {} connections, {} turned away\n", listener.at("name").get<std::string>(),
        listener.at("port").get<std::uint16_t>(), listener.at("connections").get<std::uint64_t>(),
        listener.at("turned_away").get<std::uint64_t>());
  }
  return 0;
}

}  // namespace mailpod::daemon
