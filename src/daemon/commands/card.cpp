#include <nlohmann/json.hpp>

#include <mailpod/governance/card.hpp>

#include "../commands.hpp"
#include "../office.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

// The pod's card, and those of other pods.
namespace mailpod::daemon {
namespace {

using governance::Complaint;
using governance::Errc;
using nlohmann::json;

std::string_view word_for(governance::Charter::Federate policy) {
  using enum governance::Charter::Federate;
  return policy == open ? "open" : policy == allow ? "allow" : "deny";
}

json card_json(const governance::Card& card) {
  return {{"pod", card.pod},
          {"issued", base::to_seconds(card.issued)},
          {"expires", base::to_seconds(card.expires)},
          {"hosts", card.hosts},
          {"ledger", card.ledger.str()},
          {"witness", card.witness.str()},
          {"charter_seq", card.charter_seq},
          {"charter", base::hex(base::octets(card.charter))},
          {"federation", word_for(card.policy)},
          {"message_octets", card.message_octets},
          {"recipients", card.recipients}};
}

}  // namespace

int card_show(const CardOptions& options) {
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  const auto shown = office.ask("card.show", json::object());
  if (!shown.has_value()) return complain(shown.error());
  if (options.common.output == Output::json) {
    say("{}\n", shown->dump(2));
  } else {
    say("{}", shown->at("card").get<std::string>());
  }
  return 0;
}

int card_verify(const CardOptions& options) {
  const Workplace workplace;
  const auto machine = workplace.machine();
  if (!machine.disk.status(options.file))
    return complain(Complaint{Errc::missing_key, options.file, 0, "there is no such file",
                              "fetch it: https://HOST/.well-known/mailpod/pod"});
  const auto key = governance::parse_verifier_key(options.key, options.key);
  if (!key.has_value()) return complain(key.error());
  if (machine.disk.status(options.file)->size > governance::largest_note)
    return complain(Complaint{Errc::note_malformed, options.file, 0, "is larger than any card",
                              "fetch it: https://HOST/.well-known/mailpod/pod"});
  const auto octets = base::read_file(machine.disk, options.file, governance::largest_note);
  const auto card = governance::verify_card(octets, *key, machine.clock.now(), options.file);
  if (!card.has_value()) return complain(card.error());
  if (options.common.output == Output::json) {
    say("{}\n", card_json(*card).dump(2));
  } else {
    say("OK     this is the card of {}, at {}, under charter {}\n", card->pod, fmt::join(card->hosts, ", "),
        card->charter_seq);
  }
  return 0;
}

}  // namespace mailpod::daemon
