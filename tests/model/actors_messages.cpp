#include <algorithm>

#include "actors.hpp"

// The commands that concern the messages of the selected mailbox. RFC 3501 §6.4.
namespace mailpod::model {
namespace {

Flags changed(Flags flags, const std::string& how, const Flags& by) {
  if (how.empty()) return by;
  for (const auto& flag : by) {
    if (how == "+") flags.insert(flag);
    if (how == "-") flags.erase(flag);
  }
  return flags;
}

}  // namespace

void Actors::fetch(Witness& who, simulation::Dice& dice) {
  constexpr const char* items[] = {"UID",    "FLAGS",           "RFC822.SIZE",       "INTERNALDATE",
                                   "BODY[]", "BODY.PEEK[TEXT]", "BODY.PEEK[HEADER]", "BODY.PEEK[]"};
  const auto set = choose_set(who, dice);
  std::set<std::string> asked;
  for (auto count = 1 + dice.below(3); count > 0; --count) asked.insert(items[dice.below(std::size(items))]);
  const bool reads = asked.contains("BODY[]");
  std::string list;
  for (const auto& item : asked) list += (list.empty() ? "" : " ") + item;

  const auto answer = ask(who, set.prefix() + "FETCH " + set.text + " (" + list + ")");
  Witness::Rules rules{.expunge = set.by_uid};
  if (reads && !who.read_only) {
    for (const auto uid : set.uids) {
      auto& message = who.mailbox->messages.at(uid);
      rules.before_seen[uid] = message.flags;
      message.change_to(changed(message.flags, "+", {"\\Seen"}));
    }
  }
  // RFC 2180 §4.1: where some are gone, NO says that they are, or nothing does.
  if (!set.names_ghosts) expect(answer, "OK");
  take(who, answer, rules);
  if (set.by_uid) asked.insert("UID");
  for (const auto uid : set.uids) {
    for (auto item : asked) {
      if (const auto peek = item.find(".PEEK"); peek != std::string::npos) item.erase(peek, 5);
      require(who.shown[uid].contains(item), "FETCH did not show " + item + " of UID " + std::to_string(uid));
    }
  }
}

void Actors::store(Witness& who, simulation::Dice& dice) {
  constexpr const char* hows[] = {"+", "-", ""};
  const auto set = choose_set(who, dice);
  const std::string how = hows[dice.below(3)];
  const bool silent = dice.below(3) == 0;
  const auto flags = choose_flags(dice);
  const auto answer =
      ask(who, set.prefix() + "STORE " + set.text + ' ' + how + (silent ? "FLAGS.SILENT " : "FLAGS ") + written(flags));
  const Witness::Rules rules{.expunge = set.by_uid};
  if (who.read_only) {
    expect(answer, "NO");
    return take(who, answer, rules);
  }
  if (!set.names_ghosts) expect(answer, "OK");
  for (const auto uid : set.uids) {
    auto& message = who.mailbox->messages.at(uid);
    message.change_to(changed(message.flags, how, flags));
  }
  if (silent) {
    // RFC 3501 §6.4.6: the client makes the change to what it knows; other changes are still to be told.
    for (auto& told : who.view) {
      if (!std::ranges::binary_search(set.uids, told.uid)) continue;
      if (how.empty() || told.flags) told.flags = changed(told.flags.value_or(Flags()), how, flags);
    }
  }
  take(who, answer, rules);
  if (silent) return;
  for (const auto& told : who.view) {
    if (!std::ranges::binary_search(set.uids, told.uid)) continue;
    require(told.flags == who.mailbox->messages.at(told.uid).flags,
            "STORE did not tell the flags of UID " + std::to_string(told.uid));
  }
}

void Actors::expunge(Witness& who, simulation::Dice&) {
  const auto answer = ask(who, "EXPUNGE");
  expect(answer, who.read_only ? "NO" : "OK");
  std::vector<Uid> deleted;
  for (const auto& [uid, message] : who.mailbox->messages) {
    if (!who.read_only && message.flags.contains("\\Deleted")) deleted.push_back(uid);
  }
  for (const auto uid : deleted) who.mailbox->expunge(uid);
  take(who, answer);
  who.require_synced();
}

void Actors::uid_expunge(Witness& who, simulation::Dice& dice) {
  const auto first = static_cast<Uid>(1 + dice.below(who.mailbox->next));
  const auto last = first + static_cast<Uid>(dice.below(20));
  const auto answer = ask(who, "UID EXPUNGE " + std::to_string(first) + ':' + std::to_string(last));
  expect(answer, who.read_only ? "NO" : "OK");
  std::vector<Uid> deleted;
  for (const auto& [uid, message] : who.mailbox->messages) {
    if (!who.read_only && uid >= first && uid <= last && message.flags.contains("\\Deleted")) deleted.push_back(uid);
  }
  for (const auto uid : deleted) who.mailbox->expunge(uid);
  take(who, answer);
  who.require_synced();
}

/// What COPYUID says became of `uids`. RFC 4315 §3.
void Actors::copied(const std::string& name, Mailbox& from, const std::vector<Uid>& uids,
                    const std::vector<Value>& code) {
  require(code.size() == 4 && code[0].text == "COPYUID", "there is no COPYUID");
  const auto target = truth_.find(name);
  truth_.see_validity(name, target, number_in(code[1].text));
  require(numbers_in(code[2].text) == uids, "COPYUID names other messages than were copied");
  const auto destinations = numbers_in(code[3].text);
  require(destinations.size() == uids.size(), "COPYUID names as many copies as messages");
  for (std::size_t i = 0; i < uids.size(); ++i) target->add(destinations[i], from.at(uids[i]));
}

void Actors::copy(Witness& who, simulation::Dice& dice) {
  const auto set = choose_set(who, dice);
  const auto name = choose_name(dice);
  const auto answer = ask(who, set.prefix() + "COPY " + set.text + ' ' + name);
  if (truth_.find(name) == nullptr) {
    expect(answer, "NO");
    require(!answer.code.empty() && answer.code[0].text == "TRYCREATE", "no TRYCREATE");
  } else if (set.names_ghosts) {
    // RFC 3501 §6.4.7 and RFC 2180 §4.4: all, or none.
    expect(answer, "NO");
  } else {
    expect(answer, "OK");
    if (!set.uids.empty()) copied(name, *who.mailbox, set.uids, answer.code);
  }
  take(who, answer);
}

void Actors::move(Witness& who, simulation::Dice& dice) {
  const auto set = choose_set(who, dice);
  const auto name = choose_name(dice);
  const auto answer = ask(who, set.prefix() + "MOVE " + set.text + ' ' + name);
  const bool refused = truth_.find(name) == nullptr || set.names_ghosts || (who.read_only && !set.uids.empty());
  // That nothing is to be moved may be noticed before that nothing can be.
  if (refused || !who.read_only) expect(answer, refused ? "NO" : "OK");
  if (answer.word == "NO") return take(who, answer);
  if (!set.uids.empty()) {
    // RFC 6851 §4.3: in an untagged OK, before the messages go.
    const auto has_code = [](const Reply& reply) { return !reply.code.empty() && reply.code[0].text == "COPYUID"; };
    const auto told = std::ranges::find_if(answer.untagged, has_code);
    require(told != answer.untagged.end(), "MOVE did not say COPYUID");
    const auto first_expunge = std::ranges::find(answer.untagged, "EXPUNGE", &Reply::word);
    require(told < first_expunge, "MOVE said COPYUID after the messages went");
    copied(name, *who.mailbox, set.uids, told->code);
    for (const auto uid : set.uids) who.mailbox->expunge(uid);
  }
  take(who, answer);
  for (const auto& told : who.view) {
    require(!std::ranges::binary_search(set.uids, told.uid), "MOVE did not tell that a message went");
  }
}

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
  const bool by_uid = dice.coin();
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

}  // namespace mailpod::model
