#include <algorithm>
#include <system_error>

#include <nlohmann/json.hpp>

#include "../commands.hpp"
#include "../office.hpp"
#include "../published.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

namespace mailpod::daemon {
namespace {

using governance::Complaint;
using governance::Errc;
using nlohmann::json;

std::string text_of(const json& key, const char* name) {
  return key.at(name).get<std::string>();
}

/// One command's way to the pod.
class Dkim {
public:
  explicit Dkim(const DkimOptions& options)
      : options_(options), machine_(workplace_.machine()), office_(machine_, options.common) {}

  governance::Verdict<json> ask(const std::string& operation, json arguments) {
    return office_.ask(operation, std::move(arguments));
  }
  /// With their records; of the domain named, or all.
  governance::Verdict<json> records(const std::string& state = "") {
    auto answer = ask("dkim.records", {{"domain", options_.domain}, {"state", state}});
    if (!answer.has_value()) return answer.error();
    return governance::Verdict<json>(boost::system::in_place_value, std::move(answer->at("keys")));
  }
  /// What DNS says of each: present, missing, different, or why it does not answer.
  governance::Verdict<std::vector<std::string>> ask_dns(const json& keys) {
    const auto configuration = read_configuration(machine_.disk, options_.common.pod);
    if (!configuration.has_value()) return configuration.error();
    std::vector<WantedRecord> wanted;
    for (const auto& key : keys) wanted.push_back({text_of(key, "name"), text_of(key, "text")});
    std::vector<std::string> said;
    for (const auto& published : daemon::ask_dns(wanted, configuration->dns))
      said.push_back(published ? std::string(name_of(*published)) : published.error().message());
    return said;
  }

private:
  const DkimOptions& options_;
  Workplace workplace_;
  OpenPod::Machine machine_;
  Office office_;
};

/// The keys in `state` that the command is about: those named, or those for which `is_meant` holds. Complains of a name
/// that is none of them.
template <class Meant>
governance::Verdict<json> chosen(Dkim& dkim, const DkimOptions& options, const std::string& state, Meant is_meant) {
  auto keys = dkim.records(options.selectors.empty() ? state : "");
  if (!keys.has_value()) return keys.error();
  json out = json::array();
  if (options.selectors.empty()) {
    for (const auto& key : *keys) {
      if (is_meant(key)) out.push_back(key);
    }
    return governance::Verdict<json>(boost::system::in_place_value, std::move(out));
  }
  for (const auto& selector : options.selectors) {
    const auto named = [&](const json& key) { return text_of(key, "selector") == selector; };
    const auto count = std::ranges::count_if(*keys, named);
    if (count != 1)
      return Complaint{Errc::bad_value, selector, 0,
                       count == 0 ? "there is no such DKIM key" : "several domains have a key of this name",
                       count == 0 ? "`mailpod dkim list` shows them" : "say --domain"};
    out.push_back(*std::ranges::find_if(*keys, named));
  }
  return governance::Verdict<json>(boost::system::in_place_value, std::move(out));
}

/// Does it to each key, and says so.
int change(Dkim& dkim, const DkimOptions& options, const json& keys, const std::string& operation,
           std::string_view done) {
  json changed = json::array();
  for (const auto& key : keys) {
    auto answer = dkim.ask(operation, {{"domain", text_of(key, "domain")},
                                       {"selector", text_of(key, "selector")},
                                       {"now", options.when == DkimOptions::When::now}});
    if (!answer.has_value()) return complain(answer.error());
    if (options.common.output == Output::text) say("{}  {}\n", text_of(key, "selector"), done);
    changed.push_back(std::move(*answer));
  }
  if (options.common.output == Output::json) {
    say("{}\n", json{{"keys", std::move(changed)}}.dump(2));
  } else if (keys.empty()) {
    remark("There is nothing to do: `mailpod dkim list` shows where each key stands\n");
  }
  return 0;
}

/// In use, but a newer one signs.
bool is_replaced(const json& key) {
  return text_of(key, "state") == "active" && !key.at("signs").get<bool>();
}

std::string what_next(const json& key) {
  if (key.contains("removable")) return "  may go at " + text_of(key, "removable");
  return is_replaced(key) ? "  replaced" : "";
}

bool is_any(const json&) {
  return true;
}

void say_zone(const json& keys) {
  for (const auto& key : keys) {
    say("; {} since {}\n{}\n", text_of(key, "state"), text_of(key, "since"), text_of(key, "zone"));
  }
}

}  // namespace

int dkim_list(const DkimOptions& options) {
  Dkim dkim(options);
  const auto listed = dkim.ask("dkim.list", {{"domain", options.domain}});
  if (!listed.has_value()) return complain(listed.error());
  if (options.common.output == Output::json) {
    say("{}\n", listed->dump(2));
    return 0;
  }
  for (const auto& key : listed->at("keys")) {
    say("{}  {:<14}  {:<14}  {:<8}  since {}{}\n", text_of(key, "domain"), text_of(key, "selector"),
        text_of(key, "algorithm"), text_of(key, "state"), text_of(key, "since"), what_next(key));
  }
  for (const auto& damage : listed->at("damaged"))
    say("{}  unusable: {}\n", text_of(damage, "file"), text_of(damage, "reason"));
  return 0;
}

int dkim_new(const DkimOptions& options) {
  Dkim dkim(options);
  const auto made = dkim.ask("dkim.new", {{"domain", options.domain}});
  if (!made.has_value()) return complain(made.error());
  if (options.common.output == Output::json) {
    say("{}\n", made->dump(2));
    return 0;
  }
  say_zone(made->at("keys"));
  remark("Publish these records; `mailpod dkim activate` begins to sign once DNS shows them\n");
  return 0;
}

int dkim_records(const DkimOptions& options) {
  Dkim dkim(options);
  auto keys = dkim.records();
  if (!keys.has_value()) return complain(keys.error());
  const bool asked = options.dns == DkimOptions::Dns::asked;
  bool all_present = true;
  if (asked) {
    const auto said = dkim.ask_dns(*keys);
    if (!said.has_value()) return complain(said.error());
    for (std::size_t i = 0; i < said->size(); ++i) {
      (*keys)[i]["dns"] = said->at(i);
      all_present = all_present && said->at(i) == "present";
    }
  }
  if (options.common.output == Output::json) {
    say("{}\n", json{{"keys", *keys}}.dump(2));
  } else if (asked) {
    for (const auto& key : *keys) say("{}  {}  {}\n", text_of(key, "name"), text_of(key, "state"), text_of(key, "dns"));
  } else {
    say_zone(*keys);
  }
  return all_present ? 0 : 1;
}

int dkim_activate(const DkimOptions& options) {
  Dkim dkim(options);
  const auto keys = chosen(dkim, options, "prepared", is_any);
  if (!keys.has_value()) return complain(keys.error());
  if (options.when == DkimOptions::When::in_order) {
    const auto said = dkim.ask_dns(*keys);
    if (!said.has_value()) return complain(said.error());
    for (std::size_t i = 0; i < said->size(); ++i) {
      if (said->at(i) == "present") continue;
      return complain({Errc::bad_value, text_of(keys->at(i), "name"), 0, "DNS says of this record: " + said->at(i),
                       "publish what `mailpod dkim records` prints and wait until DNS shows it, or say --now"});
    }
  }
  return change(dkim, options, *keys, "dkim.activate", "signs from now on");
}

int dkim_retire(const DkimOptions& options) {
  Dkim dkim(options);
  const auto keys = chosen(dkim, options, "active", is_replaced);
  if (!keys.has_value()) return complain(keys.error());
  return change(dkim, options, *keys, "dkim.retire", "signs no more; leave its record in DNS until it is removed");
}

int dkim_remove(const DkimOptions& options) {
  Dkim dkim(options);
  const auto keys = chosen(dkim, options, "retired", [&](const json& key) {
    return options.when == DkimOptions::When::now || key.at("is_removable").get<bool>();
  });
  if (!keys.has_value()) return complain(keys.error());
  return change(dkim, options, *keys, "dkim.remove", "forgotten; its record may go from DNS");
}

}  // namespace mailpod::daemon
