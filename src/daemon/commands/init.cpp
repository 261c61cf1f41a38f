#include "../commands.hpp"
#include "../founding.hpp"
#include "../spoken_hash.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

namespace mailpod::daemon {

int init(const InitOptions& options) {
  const Workplace workplace;
  auto founded =
      found_pod(workplace.machine(), {options.folder, options.domain, options.maintainer_key, options.maintainer_name,
                                      options.server_key, options.charter_template, options.charter});
  if (!founded.has_value()) return complain(founded.error());
  const auto hash = base::octets(founded->charter);
  say("pod            {}\n", options.domain);
  say("folder         {}\n", options.folder);
  say("charter        {}\n", base::hex(hash));
  say("  spoken       {}\n", spoken(hash));
  for (const auto& key : founded->maintainer_public_keys) say("maintainer     {}\n", key);
  say("server key     {}\n", founded->server_key_code);
  crypto::wipe(founded->server_key_code);
  const auto key = options.server_key.empty() ? options.folder + "/server.key" : options.server_key;
  remark("\nWrite the server key on paper: without it (and {}) the pod's addresses are lost, though no mail is.\n",
         key);
  const auto signer = options.maintainer_key.empty() ? std::string("PATH") : options.maintainer_key;
  if (!options.maintainer_key.empty())
    remark("Keep {} off this machine; the daemon never needs it.\n", options.maintainer_key);
  remark(
      "Put what `mailpod --pod {} dkim records` prints into the domain's zone: others then trust its mail.\n"
      "Next: mailpod --pod {} member admit NAME --maintainer NAME --maintainer-key {}\n",
      options.folder, options.folder, signer);
  return 0;
}

}  // namespace mailpod::daemon
