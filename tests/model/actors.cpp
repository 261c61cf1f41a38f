#include "actors.hpp"

#include <algorithm>

namespace mailpod::model {
namespace {

constexpr const char* names[] = {"INBOX", "m0", "m1", "m2", "m3"};
constexpr const char* system_flags[] = {"\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft"};

}  // namespace

Actors::Actors(std::size_t sessions, Spoil spoil) : spoil_(std::move(spoil)), auditor_(sessions + 1) {
  exchange_.given("mailbox m0");
  for (std::size_t client = 1; client <= sessions + 1; ++client) {
    exchange_.connect(client);
    if (client <= sessions) sessions_.emplace_back(client);
  }
  const auto listed = ask(auditor_, "LIST \"\" *");
  for (const auto& reply : listed.untagged) truth_.create(reply.values.back().text);
  require(truth_.find("INBOX") != nullptr, "there is no INBOX");
}

/// Weights: more is said of messages than of mailboxes, and enough is deleted that mailboxes stay small.
const std::vector<Actors::Row>& Actors::rows() {
  static const std::vector<Row> rows = {
      {8, false, &Actors::select},       {10, false, &Actors::append},
      {8, false, &Actors::noop},         {4, false, &Actors::status},
      {3, false, &Actors::idle},         {1, false, &Actors::create},
      {1, false, &Actors::delete_},      {1, false, &Actors::rename},
      {1, false, &Actors::list},         {14, true, &Actors::fetch},
      {16, true, &Actors::store},        {6, true, &Actors::copy},
      {6, true, &Actors::move},          {7, true, &Actors::expunge},
      {4, true, &Actors::uid_expunge},   {8, true, &Actors::search},
      {1, true, &Actors::close},         {1, true, &Actors::unselect},
      {1, false, &Actors::enable},       {6, true, &Actors::esearch},
      {4, true, &Actors::fetch_changed}, {5, true, &Actors::store_unchanged},
  };
  return rows;
}

void Actors::step(simulation::Dice dice) {
  auto& who = sessions_[dice.below(sessions_.size())];
  if (who.idles) {
    if (dice.below(3) == 0) idle(who, dice);
    return;
  }
  if (who.mailbox == nullptr && dice.coin()) return select(who, dice);
  unsigned sum = 0;
  for (const auto& row : rows()) sum += row.weight;
  auto chosen = dice.below(sum);
  for (const auto& row : rows()) {
    if (chosen >= row.weight) {
      chosen -= row.weight;
    } else if (row.selected && who.mailbox == nullptr) {
      return select(who, dice);
    } else {
      return (this->*row.perform)(who, dice);
    }
  }
}

void Actors::send(Witness& who, const std::string& octets) {
  transcript_ += "C" + std::to_string(who.client) + ": " + octets;
  sent_ = octets;
  exchange_.send(who.client, octets);
}

std::vector<Reply> Actors::hear(Witness& who) {
  auto octets = exchange_.receive(who.client);
  if (spoil_) octets = spoil_(sent_, std::move(octets));
  for (std::size_t at = 0; at < octets.size();) {
    const auto end = std::min(octets.find('\n', at), octets.size() - 1) + 1;
    transcript_ += "S" + std::to_string(who.client) + ": " + octets.substr(at, end - at);
    at = end;
  }
  return parse_replies(octets);
}

Actors::Answer Actors::ask(Witness& who, const std::string& command) {
  const auto tag = "t" + std::to_string(++tags_);
  who.begin_command();
  send(who, tag + " " + command + "\r\n");
  auto replies = hear(who);
  require(!replies.empty() && replies.back().tag == tag, "the command was not answered");
  Answer answer{std::move(replies.back().word), std::move(replies.back().code), {}};
  replies.pop_back();
  require(std::ranges::all_of(replies, [](const Reply& reply) { return reply.tag == "*"; }), "answered twice");
  require(answer.word != "BAD", "a command of good grammar was BAD");
  answer.untagged = std::move(replies);
  return answer;
}

void Actors::take(Witness& who, const Answer& answer, const Witness::Rules& rules) {
  for (const auto& reply : answer.untagged) who.take(reply, rules);
  who.end_command(answer.code);
  let_others_hear();
}

void Actors::expect(const Answer& answer, std::string_view word) const {
  require(answer.word == word, "expected " + std::string(word) + ", got " + answer.word);
}

void Actors::let_others_hear() {
  for (auto& other : sessions_) {
    const auto replies = hear(other);
    require(other.idles || replies.empty(), "said to who does not ask");
    for (const auto& reply : replies) {
      require(reply.tag == "*", "a session that idles is told untagged");
      other.take(reply, {});
    }
    if (other.idles) other.require_synced();
  }
}

std::string Actors::choose_name(simulation::Dice& dice) const {
  return names[dice.below(std::size(names))];
}

Flags Actors::choose_flags(simulation::Dice& dice) const {
  Flags flags;
  for (auto count = dice.below(3); count > 0; --count) flags.insert(system_flags[dice.below(std::size(system_flags))]);
  if (dice.below(4) == 0) flags.insert(keywords[dice.below(std::size(keywords))]);
  return flags;
}

Actors::Set Actors::choose_set(Witness& who, simulation::Dice& dice) const {
  Set set;
  const auto& view = who.view;
  set.by_uid = view.empty() || who.enabled.uid_only || dice.coin();
  // `*` is the last of the mailbox: with UIDs it is only clear to who knows them all.
  const bool star = !view.empty() && (!set.by_uid || !who.is_behind()) && dice.below(5) == 0;
  const auto last_uid = view.empty() ? 5 : view.back().uid;
  for (auto ranges = 1 + dice.below(3); ranges > 0; --ranges) {
    const auto highest = set.by_uid ? last_uid : static_cast<std::uint32_t>(view.size());
    auto first = static_cast<std::uint32_t>(1 + dice.below(highest));
    if (set.by_uid && !view.empty()) first = view[dice.below(view.size())].uid;
    auto last =
        dice.coin() ? first : std::min<std::uint32_t>(highest, first + static_cast<std::uint32_t>(dice.below(6)));
    if (!set.text.empty()) set.text += ',';
    set.text += std::to_string(first);
    if (star && ranges == 1) {
      last = highest;
      set.text += ":*";
    } else if (last != first) {
      set.text += ':' + std::to_string(last);
    }
    for (auto number = first; number <= last; ++number) set.named.insert(number);
  }
  for (std::uint32_t number = 1; number <= view.size(); ++number) {
    const auto& told = view[number - 1];
    if (!set.named.contains(set.by_uid ? told.uid : number)) continue;
    if (who.is_gone(told)) {
      set.names_ghosts |= !set.by_uid;
    } else {
      set.uids.push_back(told.uid);
    }
  }
  return set;
}

void Actors::noop(Witness& who, simulation::Dice& dice) {
  const auto answer = ask(who, who.mailbox != nullptr && dice.coin() ? "CHECK" : "NOOP");
  expect(answer, "OK");
  take(who, answer);
  who.require_synced();
}

void Actors::idle(Witness& who, simulation::Dice&) {
  if (who.idles) {
    send(who, "DONE\r\n");
    const auto replies = hear(who);
    require(replies.size() == 1 && replies.front().word == "OK", "IDLE was not ended");
    who.end_command(replies.front().code);
    who.idles = false;
    return;
  }
  who.begin_command();
  send(who, "t" + std::to_string(++tags_) + " IDLE\r\n");
  const auto replies = hear(who);
  std::size_t continuations = 0;
  for (const auto& reply : replies) {
    require(reply.tag == "*" || reply.tag == "+", "IDLE ended at once");
    continuations += reply.tag == "+" ? 1 : 0;
    if (reply.tag == "*") who.take(reply, {});
  }
  require(continuations == 1, "IDLE begins with one continuation");
  who.idles = true;
  who.require_synced();
}

void Actors::select(Witness& who, simulation::Dice& dice) {
  const bool examine = dice.below(4) == 0;
  const auto name = choose_name(dice);
  const auto mailbox = truth_.find(name);
  who.unselect();
  // With what the client wrote down of it, it asks what happened since. RFC 7162 §3.2.5.
  const bool resynchronizes = who.kept && mailbox && who.kept->mailbox == mailbox && dice.below(4) != 0;
  const auto since = resynchronizes ? " (QRESYNC (" + std::to_string(mailbox->uid_validity) + ' ' +
                                          std::to_string(who.kept->highest) + "))"
                                    : std::string();
  const auto answer = ask(who, (examine ? "EXAMINE " : "SELECT ") + name + since);
  if (mailbox == nullptr) {
    expect(answer, "NO");
    return take(who, answer);
  }
  expect(answer, "OK");
  require(!answer.code.empty() && answer.code.front().text == (examine ? "READ-ONLY" : "READ-WRITE"), "no access said");
  who.select(mailbox, examine);
  if (resynchronizes) {
    for (auto& told : who.view) {
      if (const auto known = who.kept->flags.find(told.uid); known != who.kept->flags.end()) told.flags = known->second;
    }
  }
  std::set<std::string> said;
  for (const auto& reply : answer.untagged) {
    who.take(reply, {.earlier = resynchronizes});
    if (reply.word == "EXISTS") require(*reply.number == mailbox->messages.size(), "EXISTS is not what there is");
    said.insert(reply.word == "OK" && !reply.code.empty() ? reply.code.front().text : reply.word);
    if (reply.code.size() < 2) continue;
    if (reply.code.front().text == "UIDVALIDITY") truth_.see_validity(name, mailbox, number_in(reply.code[1].text));
    if (reply.code.front().text == "UIDNEXT") mailbox->promise(number_in(reply.code[1].text));
  }
  for (const auto* word : {"EXISTS", "RECENT", "FLAGS", "PERMANENTFLAGS", "UIDVALIDITY", "UIDNEXT"})
    require(said.contains(word), std::string("SELECT did not say ") + word);
  who.end_command(answer.code);
  for (const auto& [uid, message] : mailbox->messages) {
    require(!message.changed_after(who.highest), "HIGHESTMODSEQ is below that of UID " + std::to_string(uid));
  }
  if (resynchronizes) check_resynchronized(who);
  let_others_hear();
}

void Actors::unselect(Witness& who, simulation::Dice&) {
  who.unselect();
  const auto answer = ask(who, "UNSELECT");
  expect(answer, "OK");
  take(who, answer);
}

void Actors::close(Witness& who, simulation::Dice&) {
  const auto mailbox = who.mailbox;
  const bool expunges = !who.read_only;
  who.unselect();
  const auto answer = ask(who, "CLOSE");
  expect(answer, "OK");
  std::vector<Uid> deleted;
  for (const auto& [uid, message] : mailbox->messages) {
    if (expunges && message.flags.contains("\\Deleted")) deleted.push_back(uid);
  }
  for (const auto uid : deleted) mailbox->expunge(uid);
  take(who, answer);
}

}  // namespace mailpod::model
