#include <nlohmann/json.hpp>

#include "../commands.hpp"
#include "../office.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

namespace mailpod::daemon {

int reload(const Common& common) {
  const Workplace workplace;
  Office office(workplace.machine(), common);
  const auto answer = office.ask("reload", nlohmann::json::object());
  if (!answer.has_value()) return complain(answer.error());
  if (common.output == Output::json) {
    say("{}\n", answer->dump(2));
    return 0;
  }
  for (const auto& setting : answer->at("changed")) say("changed        {}\n", setting.get<std::string>());
  for (const auto& setting : answer->at("need_restart")) say("needs restart  {}\n", setting.get<std::string>());
  say("read again     {} certificates\n", answer->at("certificates").get<std::size_t>());
  return 0;
}

}  // namespace mailpod::daemon
