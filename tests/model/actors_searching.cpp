#include <algorithm>

#include "actors.hpp"

// SEARCH, and what ESEARCH tells of what is found. RFC 3501 §6.4.4, RFC 4731.
namespace mailpod::model {

/// One key of SEARCH, and which messages of the view it finds.
std::string Actors::choose_key(const Witness& who, simulation::Dice& dice, std::vector<bool>& matches) const {
  constexpr const char* flag_keys[][2] = {{"ANSWERED", "\\Answered"},
                                          {"FLAGGED", "\\Flagged"},
                                          {"DELETED", "\\Deleted"},
                                          {"SEEN", "\\Seen"},
                                          {"DRAFT", "\\Draft"}};
  const auto kind = dice.below(7);
  const auto number = dice.below(2'000);
  const auto* const flag = flag_keys[dice.below(std::size(flag_keys))];
  const auto word = "word" + std::to_string(dice.below(10)) + ".";
  const auto day = static_cast<int>(1 + dice.below(28));
  const bool negated = dice.coin();
  const auto find = [&](const auto& holds) {
    for (const auto& told : who.view) matches.push_back(holds(told.uid, who.mailbox->at(told.uid)) != negated);
  };
  const std::string prefix = negated ? "NOT " : "";
  if (kind == 0) {
    find([&](Uid, const Message& message) { return message.flags.contains(flag[1]); });
    return negated ? "UN" + std::string(flag[0]) : flag[0];
  }
  if (kind == 1) {
    const std::string keyword = keywords[number % std::size(keywords)];
    find([&](Uid, const Message& message) { return message.flags.contains(keyword); });
    return (negated ? "UNKEYWORD " : "KEYWORD ") + keyword;
  }
  if (kind == 2) {
    find([&](Uid, const Message& message) { return message.octets.size() > number; });
    return prefix + "LARGER " + std::to_string(number);
  }
  if (kind == 3) {
    find([&](Uid, const Message& message) { return message.octets.find("Subject: " + word) != std::string::npos; });
    return prefix + "SUBJECT \"" + word + '"';
  }
  if (kind == 4) {
    find([&](Uid, const Message& message) {
      return message.octets.find(word, message.octets.find("\r\n\r\n")) != std::string::npos;
    });
    return prefix + "BODY \"" + word + '"';
  }
  if (kind == 5) {
    find([&](Uid, const Message& message) { return message.day < day; });
    return prefix + "BEFORE " + std::to_string(day) + "-Nov-2026";
  }
  const auto uid = static_cast<Uid>(1 + number % 30);
  find([&](Uid its, const Message&) { return its >= uid && its <= uid + 5; });
  return prefix + "UID " + std::to_string(uid) + ':' + std::to_string(uid + 5);
}

void Actors::search(Witness& who, simulation::Dice& dice) {
  std::vector<bool> first;
  std::vector<bool> second;
  const bool by_uid = who.enabled.uid_only || dice.coin();
  const bool either = dice.coin();
  const auto one = choose_key(who, dice, first);
  const auto other = choose_key(who, dice, second);
  const auto answer =
      ask(who, (by_uid ? "UID SEARCH " : "SEARCH ") + std::string(either ? "OR " : "") + one + ' ' + other);
  expect(answer, "OK");
  std::set<std::uint32_t> found;
  std::size_t lines = 0;
  for (const auto& reply : answer.untagged) {
    if (reply.word != "SEARCH") continue;
    ++lines;
    for (const auto& value : reply.values) require(found.insert(number_in(value.text)).second, "found twice");
  }
  require(lines == 1, "SEARCH is answered once");
  for (std::uint32_t number = 1; number <= who.view.size(); ++number) {
    const auto& told = who.view[number - 1];
    const bool wanted = either ? first[number - 1] || second[number - 1] : first[number - 1] && second[number - 1];
    const bool is_found = found.erase(by_uid ? told.uid : number) > 0;
    // RFC 2180 §4.3 leaves open what becomes of messages that are gone.
    require(is_found == wanted || who.is_gone(told),
            "SEARCH " + one + ' ' + other + ": UID " + std::to_string(told.uid));
  }
  require(found.empty(), "SEARCH found what the client does not know");
  take(who, answer, {.expunge = by_uid});
}

namespace {

/// What one ESEARCH response says.
struct Told {
  std::optional<std::uint32_t> min;
  std::optional<std::uint32_t> max;
  std::optional<std::uint32_t> count;
  std::optional<std::vector<std::uint32_t>> all;
};

Told told_by(const Reply& reply, const std::string& tag, bool by_uid) {
  require(!reply.values.empty() && reply.values[0].items.size() == 2, "ESEARCH names its command");
  require(reply.values[0].items[0].text == "TAG" && reply.values[0].items[1].text == tag, "ESEARCH of another command");
  std::size_t at = 1;
  const bool says_uid = reply.values.size() > 1 && reply.values[1].text == "UID";
  require(says_uid == by_uid, by_uid ? "ESEARCH does not say UID" : "ESEARCH says UID");
  if (says_uid) ++at;
  Told told;
  for (; at + 1 < reply.values.size(); at += 2) {
    const auto& name = reply.values[at].text;
    const auto& value = reply.values[at + 1].text;
    if (name == "MIN") told.min = number_in(value);
    if (name == "MAX") told.max = number_in(value);
    if (name == "COUNT") told.count = number_in(value);
    if (name == "ALL") told.all = numbers_in(value);
    require(name == "MIN" || name == "MAX" || name == "COUNT" || name == "ALL", "ESEARCH tells what nobody asked");
  }
  require(at == reply.values.size(), "ESEARCH is names and values");
  return told;
}

}  // namespace

void Actors::esearch(Witness& who, simulation::Dice& dice) {
  constexpr const char* options[] = {"MIN", "MAX", "COUNT", "ALL"};
  const bool by_uid = who.enabled.uid_only || dice.coin();
  std::set<std::string> asked;
  for (auto count = dice.below(4); count > 0; --count) asked.insert(options[dice.below(std::size(options))]);
  std::string list;
  for (const auto& option : asked) list += (list.empty() ? "" : " ") + option;
  if (asked.empty()) asked.insert("ALL");
  std::vector<bool> matches;
  const auto key = choose_key(who, dice, matches);
  const auto answer = ask(who, (by_uid ? "UID SEARCH RETURN (" : "SEARCH RETURN (") + list + ") " + key);
  expect(answer, "OK");
  const auto said = std::ranges::find(answer.untagged, "ESEARCH", &Reply::word);
  require(said != answer.untagged.end(), "there is no ESEARCH");
  const auto told = told_by(*said, "t" + std::to_string(tags_), by_uid);

  std::set<std::uint32_t>
      wanted;  // found for certain; RFC 2180 §4.3 leaves open what becomes of messages that are gone
  std::set<std::uint32_t> allowed;
  for (std::uint32_t number = 1; number <= who.view.size(); ++number) {
    const auto& one = who.view[number - 1];
    const auto name = by_uid ? one.uid : number;
    if (matches[number - 1] && !who.is_gone(one)) wanted.insert(name);
    if (matches[number - 1] || who.is_gone(one)) allowed.insert(name);
  }
  const auto may_be = [&](std::uint32_t one) { return allowed.contains(one); };
  if (told.all) {
    require(std::ranges::is_sorted(*told.all) && std::ranges::all_of(*told.all, may_be),
            "ALL of " + key + " has others");
    require(std::ranges::includes(*told.all, wanted), "ALL of " + key + " is not all");
  }
  if (told.min) require(may_be(*told.min) && (wanted.empty() || *told.min <= *wanted.begin()), "MIN of " + key);
  if (told.max) require(may_be(*told.max) && (wanted.empty() || *told.max >= *wanted.rbegin()), "MAX of " + key);
  if (told.count) require(*told.count >= wanted.size() && *told.count <= allowed.size(), "COUNT of " + key);
  require(told.count.has_value() == asked.contains("COUNT"), "COUNT is told whenever it is asked for");
  if (told.all && told.count) require(*told.count == told.all->size(), "COUNT and ALL disagree");
  if (told.all && told.min) require(*told.min == told.all->front(), "MIN and ALL disagree");
  if (told.all && told.max) require(*told.max == told.all->back(), "MAX and ALL disagree");
  for (const auto& [name, is_told] : std::map<std::string, bool>{
           {"MIN", told.min.has_value()}, {"MAX", told.max.has_value()}, {"ALL", told.all.has_value()}}) {
    require(!is_told || asked.contains(name), name + " was not asked for");
    require(is_told || !asked.contains(name) || wanted.empty(), name + " of " + key + " is not told");
  }
  take(who, answer, {.expunge = by_uid});
}

}  // namespace mailpod::model
