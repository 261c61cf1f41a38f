#include <nlohmann/json.hpp>

#include <mailpod/base/log.hpp>

#include "../commands.hpp"
#include "../office.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

namespace mailpod::daemon {
namespace {

using nlohmann::json;

governance::Verdict<json> ask(const QueueOptions& options, const std::string& operation, json arguments) {
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  return office.ask(operation, std::move(arguments));
}

governance::Verdict<json> ask_about_one(const QueueOptions& options, const std::string& operation) {
  return ask(options, operation, {{"entry", options.entry}});
}

/// One entry, or what the brake holds of a member.
json entry_or_member(const QueueOptions& options) {
  if (options.member.empty()) return {{"entry", options.entry}};
  return {{"member", options.member}};
}

/// What is said of a change that was made.
int conclude(const QueueOptions& options, const governance::Verdict<json>& changed, std::string_view done) {
  if (!changed.has_value()) return complain(changed.error());
  if (options.common.output == Output::json) {
    say("{}\n", changed->dump(2));
  } else {
    say("{}\n", done);
  }
  return 0;
}

/// The same of many, with how many there were.
std::string done(const QueueOptions& options, const governance::Verdict<json>& changed, std::string_view what) {
  if (options.member.empty() || !changed.has_value()) return std::string(what);
  const auto count = changed->at("entries").get<std::uint64_t>();
  return fmt::format("{} {} {}; what {} sends is held no longer", count, count == 1 ? "entry" : "entries", what,
                     options.member);
}

/// `3 d 4 h`, `12 min`: two units at most.
std::string age_text(std::int64_t seconds) {
  if (seconds < 60) return fmt::format("{} s", seconds);
  const auto minutes = seconds / 60;
  if (minutes < 60) return fmt::format("{} min", minutes);
  const auto hours = minutes / 60;
  if (hours < 24) return fmt::format("{} h {} min", hours, minutes % 60);
  return fmt::format("{} d {} h", hours / 24, hours % 24);
}

/// Where that does not hold for all who are still to be reached.
std::string some_suppressed(const json& entry) {
  const auto suppressed = entry.at("suppressed").get<std::uint64_t>();
  if (suppressed == 0 || suppressed == entry.at("pending").get<std::uint64_t>()) return {};
  return fmt::format(", {} suppressed", suppressed);
}

void say_line(const json& entry) {
  const auto id = entry.at("entry").get<std::string>();
  // `braked`, where that is why.
  const bool braked = entry.value("held_by", "") == "brake";
  const auto state = braked ? "braked" : entry.at("state").get<std::string>();
  const auto next_try = entry.at("next_try").get<std::string>();
  if (!entry.contains("domains")) {
    say("{}  {:<10}  next try {}\n", id, state, next_try);
    return;
  }
  say("{}  {:<10}  age {:<11}  next try {}  {} of {} to reach{}  {}\n", id, state,
      age_text(entry.at("age_seconds").get<std::int64_t>()), next_try, entry.at("pending").get<std::uint64_t>(),
      entry.at("recipients").get<std::uint64_t>(), some_suppressed(entry),
      fmt::join(entry.at("domains").get<std::vector<std::string>>(), " "));
}

void say_recipient(const json& recipient) {
  say("to        <{}>  {}, tried {} times\n", recipient.at("address").get<std::string>(),
      recipient.at("suppressed").get<bool>() ? "suppressed" : recipient.at("state").get<std::string>(),
      recipient.at("attempts").get<std::uint32_t>());
  const auto reply = recipient.at("last_reply").get<std::string>();
  if (reply.empty()) return;
  const auto host = recipient.at("last_host").get<std::string>();
  say("          {} {}: {}\n", recipient.value("last_attempt", ""),
      base::printable(host.empty() ? "mailpod" : host, 300), base::printable(reply, 1000));
}

}  // namespace

int queue_list(const QueueOptions& options) {
  const auto listed = ask(options, "queue.list", json::object());
  if (!listed.has_value()) return complain(listed.error());
  if (options.common.output == Output::json) {
    say("{}\n", listed->dump(2));
    return 0;
  }
  for (const auto& entry : listed->at("entries")) say_line(entry);
  remark("{} in the queue\n", listed->at("entries").size());
  return 0;
}

int queue_show(const QueueOptions& options) {
  const auto shown = ask_about_one(options, "queue.show");
  if (!shown.has_value()) return complain(shown.error());
  if (options.common.output == Output::json) {
    say("{}\n", shown->dump(2));
    return 0;
  }
  const auto text = [&](const char* key) { return shown->at(key).get<std::string>(); };
  say("entry     {}\nstate     {}\narrival   {}\nnext try  {}\ngiven up  {}\n", text("entry"), text("state"),
      text("arrival"), text("next_try"), shown->value("expires", "never"));
  if (const auto route = text("route"); !route.empty()) say("route     {}\n", route);
  say("octets    {} {}\nfrom      <{}>\n", shown->at("octets").get<std::uint64_t>(), text("body"),
      text("reverse_path"));
  for (const auto& recipient : shown->at("recipients")) say_recipient(recipient);
  return 0;
}

int queue_retry(const QueueOptions& options) {
  const auto retried = ask_about_one(options, "queue.retry");
  if (!retried.has_value()) return complain(retried.error());
  if (!options.entry.empty()) return conclude(options, retried, "due now");
  return conclude(options, retried, fmt::format("{} due now", retried->at("retried").get<std::uint64_t>()));
}

int queue_hold(const QueueOptions& options) {
  return conclude(options, ask_about_one(options, "queue.hold"), "held");
}

int queue_release(const QueueOptions& options) {
  const auto released = ask(options, "queue.release", entry_or_member(options));
  return conclude(options, released, done(options, released, "released"));
}

int queue_route(const QueueOptions& options) {
  const auto routed = ask(options, "queue.route", {{"entry", options.entry}, {"route", options.route}});
  return conclude(options, routed, options.route == "-" ? "goes where DNS says" : "goes to " + options.route);
}

int queue_drop(const QueueOptions& options) {
  const bool report = options.told == QueueOptions::Told::sender;
  auto arguments = entry_or_member(options);
  arguments["report"] = report;
  const auto dropped = ask(options, "queue.drop", std::move(arguments));
  return conclude(options, dropped, done(options, dropped, report ? "given back to its sender" : "dropped"));
}

int queue_suppress(const QueueOptions& options) {
  json arguments{{"what", options.what}, {"reason", options.reason}};
  if (options.hours) arguments["hours"] = *options.hours;
  const auto suppressed = ask(options, "queue.suppress", std::move(arguments));
  if (!suppressed.has_value()) return complain(suppressed.error());
  const auto end = suppressed->contains("until") ? " until " + suppressed->at("until").get<std::string>() : "";
  return conclude(options, suppressed,
                  fmt::format("nothing is sent to {}{}", suppressed->at("what").get<std::string>(), end));
}

int queue_unsuppress(const QueueOptions& options) {
  const auto freed = ask(options, "queue.unsuppress", {{"what", options.what}});
  if (!freed.has_value()) return complain(freed.error());
  return conclude(options, freed, fmt::format("{} due now", freed->at("due").get<std::uint64_t>()));
}

int queue_suppressed(const QueueOptions& options) {
  const auto listed = ask(options, "queue.suppressed", json::object());
  if (!listed.has_value()) return complain(listed.error());
  if (options.common.output == Output::json) {
    say("{}\n", listed->dump(2));
    return 0;
  }
  for (const auto& one : listed->at("suppressed")) {
    const auto reason = one.at("reason").get<std::string>();
    say("{}  since {}  until {}{}\n", one.at("what").get<std::string>(), one.at("since").get<std::string>(),
        one.value("until", "unsuppressed"), reason.empty() ? reason : "  " + base::printable(reason, 1000));
  }
  remark("{} suppressed\n", listed->at("suppressed").size());
  return 0;
}

}  // namespace mailpod::daemon
