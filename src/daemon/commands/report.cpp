#include <nlohmann/json.hpp>

#include <mailpod/crypto/keys.hpp>
#include <mailpod/delivery/reports.hpp>

#include "../commands.hpp"
#include "../office.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"
#include "vault_errand.hpp"

namespace mailpod::daemon {

int report(const ReportOptions& options) {
  const Workplace workplace;
  const auto machine = workplace.machine();
  if (!machine.disk.status(options.file))
    return complain(
        {governance::Errc::missing_key, options.file, 0, "there is no such file", "name the file with the words"});
  const auto words = base::read_file(machine.disk, options.file, delivery::Reports::longest_words);
  auto secret = read_secret("password or app password of " + options.name);
  if (!secret.has_value()) return complain(secret.error());
  Office office(machine, options.common);
  const auto done = run_errand(office, "report",
                               {{"member", options.name},
                                {"secret", std::move(*secret)},
                                {"words", words},
                                {"messages", options.messages},
                                {"about", options.about}});
  if (!done.has_value()) return complain(done.error());
  if (options.common.output == Output::json) {
    say("{}\n", done->dump(2));
  } else {
    say("told {} maintainers, with {} messages\n", done->at("maintainers").get<std::size_t>(),
        done->at("messages").get<std::size_t>());
  }
  return 0;
}

}  // namespace mailpod::daemon
