// A member's own mail program: surveys the mailboxes, then changes them, several commands at once.
#include <algorithm>
#include <system_error>

#include "actors.hpp"
#include "imap_session.hpp"

namespace mailpod::world {
namespace {

using namespace std::chrono_literals;
using simulation::Dice;
using Place = Holdings::Place;

constexpr std::array<const char*, 3> boxes = {"INBOX", "Archive", "Trash"};
constexpr std::uint32_t deleted = store::Flags::deleted;
constexpr std::array<std::pair<std::uint32_t, std::string_view>, 5> flag_names = {{
    {store::Flags::answered, "\\Answered"},
    {store::Flags::flagged, "\\Flagged"},
    {store::Flags::deleted, "\\Deleted"},
    {store::Flags::seen, "\\Seen"},
    {store::Flags::draft, "\\Draft"},
}};

std::string write_flags(std::uint32_t flags) {
  std::string text;
  for (const auto& [bit, name] : flag_names) {
    if ((flags & bit) != 0) text += (text.empty() ? "" : " ") + std::string(name);
  }
  return '(' + text + ')';
}

std::uint32_t parse_flags(const std::string& text) {
  const auto begin = text.find("FLAGS (");
  if (begin == std::string::npos) return 0;
  const auto list = text.substr(begin, text.find(')', begin) - begin);
  std::uint32_t flags = 0;
  for (const auto& [bit, name] : flag_names) {
    if (list.find(name) != std::string::npos) flags |= bit;
  }
  return flags;
}

/// A failed disk answers NO; then this session is over.
void need(const ImapReply& reply) {
  if (!reply.is_ok()) throw std::system_error(std::make_error_code(std::errc::operation_canceled), "refused");
}

class Owner {
public:
  Owner(Life& life, Dice& dice, std::size_t member)
      : life_(life), dice_(dice), holdings_(life.ledger().holdings[member]), member_(member) {}

  awaitable<void> begin() {
    const auto& who = Foundation::instance().members()[member_];
    auto stream = co_await life_.dial("192.0.2." + std::to_string(60 + member_), 993);
    session_ = std::make_unique<ImapSession>(std::move(stream), life_.witness(), "owner-" + who.name);
    const bool welcome = co_await session_->begin(who.name, who.password);
    if (!welcome) throw std::system_error(std::make_error_code(std::errc::permission_denied), "login");
  }

  /// Everything by UID, with the octets of what is new; of all, now and then.
  awaitable<void> survey(Holdings::When when) {
    Survey found;
    const bool all = when == Holdings::When::quiet || dice_.below(4) == 0;
    for (const std::string name : boxes) {
      auto& box = found.boxes[name];
      co_await select(name, box);
      if (session_->view().empty()) continue;
      session_->add("FETCH 1:* (UID FLAGS)");
      co_await session_->exchange();
      need(session_->heard.back());
      read_listing(box);
      co_await read_octets(name, box, all);
    }
    const auto wrong = holdings_.examine(found, when, life_.now(), life_.ledger().letters);
    if (!wrong.empty()) life_.witness().accuse(Foundation::instance().members()[member_].name + " finds: " + wrong);
  }

  /// Some commands at once, each about another message.
  awaitable<void> change() {
    auto places = holdings_.movable();
    const std::string box = boxes[dice_.below(boxes.size())];
    std::erase_if(places, [&](const Place& place) { return place.box != box; });
    Survey::Box ignored;
    co_await select(box, ignored);
    tasks_.clear();
    for (std::uint64_t count = 1 + dice_.below(4); count > 0; --count) {
      if (places.empty() || dice_.below(4) == 0) {
        append(boxes[dice_.below(boxes.size())]);
        continue;
      }
      const auto which = places.begin() + static_cast<std::ptrdiff_t>(dice_.below(places.size()));
      const Place place = *which;
      places.erase(which);
      ask_for_change(place);
    }
    co_await session_->exchange();
    settle();
  }

  /// APPEND that waits to be asked for its literal.
  awaitable<void> append_politely() {
    const auto& letter = life_.ledger().write(dice_, Foundation::instance().members()[member_].address);
    session_->add("APPEND INBOX {" + std::to_string(letter.octets.size()) + "}");
    co_await session_->send();
    const ImapReply reply = co_await session_->hear();
    if (reply.tag != "+") co_return;
    const auto request = holdings_.expect(letter.token, "INBOX", 0);
    co_await session_->send_octets(letter.octets + "\r\n");
    co_await session_->exchange();
    appended(session_->heard.back(), request);
  }

  awaitable<void> idle() {
    session_->add("IDLE");
    co_await session_->send();
    ImapReply reply = co_await session_->hear();
    if (reply.tag != "+") co_return;
    const bool spoken = co_await session_->speaks_within(std::chrono::milliseconds(dice_.below(40'000)));
    if (spoken) reply = co_await session_->hear();
    co_await session_->send_octets("DONE\r\n");
    co_await session_->exchange();
  }

  awaitable<void> log_out() {
    session_->add("LOGOUT");
    co_await session_->exchange();
  }

private:
  /// What was asked for, and what to do with the answer.
  struct Task {
    std::string tag;
    std::function<void(const ImapReply& answer, const ImapReply* copied)> settle;
  };

  awaitable<void> select(const std::string& name, Survey::Box& box) {
    session_->add("SELECT " + name);
    co_await session_->exchange();
    need(session_->heard.back());
    for (const auto& reply : session_->heard) {
      if (const auto validity = reply.number_after("[UIDVALIDITY ")) box.uid_validity = validity;
      if (const auto next = reply.number_after("[UIDNEXT ")) box.uid_next = next;
    }
  }

  void read_listing(Survey::Box& box) const {
    std::map<std::uint32_t, std::uint32_t> flags;
    for (const auto& reply : session_->heard) {
      const auto uid = reply.number_after("UID ");
      if (uid != 0 && reply.text.find("FLAGS (") != std::string::npos) flags[uid] = parse_flags(reply.text);
    }
    for (const auto uid : session_->view()) {
      // What came after the command was read has no UID yet, and comes with the next survey.
      if (uid != 0) box.messages.push_back({uid, flags[uid], std::nullopt});
    }
  }

  awaitable<void> read_octets(const std::string& name, Survey::Box& box, bool all) {
    std::string wanted;
    for (const auto& message : box.messages) {
      if (all || !holdings_.knows({name, message.uid}))
        wanted += (wanted.empty() ? "" : ",") + std::to_string(message.uid);
    }
    if (wanted.empty()) co_return;
    session_->add("UID FETCH " + wanted + " BODY.PEEK[]");
    co_await session_->exchange();
    need(session_->heard.back());
    for (const auto& reply : session_->heard) {
      const auto uid = reply.number_after("UID ");
      const auto message = std::ranges::find(box.messages, uid, &Survey::Message::uid);
      if (message != box.messages.end() && !reply.literals.empty()) message->octets = reply.literals.front();
    }
    for (const auto& message : box.messages) {
      if (!message.octets && !holdings_.knows({name, message.uid}))
        life_.witness().accuse(fmt::format("UID {} of {} has no octets", message.uid, name));
    }
  }

  void ask_for_change(const Place& place) {
    const auto uid = std::to_string(place.uid);
    const std::string to = boxes[dice_.below(boxes.size())];
    const auto kind = dice_.below(10);
    if (kind < 4) {
      store_flags(place, *holdings_.flags(place) ^ flag_names[dice_.below(flag_names.size())].first);
    } else if (kind < 6) {
      const auto request = holdings_.copy(place, to);
      add("UID COPY " + uid + " " + to,
          [this, request](const ImapReply& answer, const ImapReply*) { copied(answer, answer, request); });
    } else if (kind < 8 && to != place.box) {
      const auto request = holdings_.move(place, to);
      add("UID MOVE " + uid + " " + to, [this, request](const ImapReply& answer, const ImapReply* untagged) {
        copied(answer, untagged != nullptr ? *untagged : answer, request);
      });
    } else {
      store_flags(place, *holdings_.flags(place) | deleted);
      holdings_.expunge(place);
      add("UID EXPUNGE " + uid, [this, place](const ImapReply& answer, const ImapReply*) {
        if (answer.is_ok()) holdings_.expunged(place);
      });
    }
  }

  void store_flags(const Place& place, std::uint32_t flags) {
    holdings_.store(place, flags, life_.now());
    add("UID STORE " + std::to_string(place.uid) + (dice_.coin() ? " FLAGS " : " FLAGS.SILENT ") + write_flags(flags),
        [this, place](const ImapReply& answer, const ImapReply*) {
          if (answer.is_ok()) holdings_.stored(place, life_.now());
        });
  }

  void append(const std::string& to) {
    const auto& letter = life_.ledger().write(dice_, Foundation::instance().members()[member_].address);
    const auto flags = static_cast<std::uint32_t>(dice_.below(32));
    const auto request = holdings_.expect(letter.token, to, flags);
    add("APPEND " + to + " " + write_flags(flags) + " {" + std::to_string(letter.octets.size()) + "+}\r\n" +
            letter.octets,
        [this, request](const ImapReply& answer, const ImapReply*) { appended(answer, request); });
  }

  void add(std::string command, std::function<void(const ImapReply&, const ImapReply*)> settle) {
    auto tag = session_->add(std::move(command));
    tasks_.push_back({std::move(tag), std::move(settle)});
  }

  /// The answers came in the order of the commands, or the session has accused.
  void settle() {
    const ImapReply* untagged = nullptr;
    for (const auto& reply : session_->heard) {
      if (reply.tag == "*" && reply.text.find("[COPYUID ") != std::string::npos) untagged = &reply;
      const auto task = std::ranges::find(tasks_, reply.tag, &Task::tag);
      if (task == tasks_.end()) continue;
      task->settle(reply, untagged);
      untagged = nullptr;
    }
  }

  void appended(const ImapReply& answer, Holdings::Request request) {
    if (!answer.is_ok()) return holdings_.refuse(request);
    const auto validity = answer.number_after("[APPENDUID ");
    const auto uid = answer.number_after("[APPENDUID " + std::to_string(validity) + " ");
    acknowledge(answer, request, uid, validity);
  }

  void copied(const ImapReply& answer, const ImapReply& with_code, Holdings::Request request) {
    if (!answer.is_ok()) return holdings_.refuse(request);
    const auto validity = with_code.number_after("[COPYUID ");
    const auto from = with_code.number_after("[COPYUID " + std::to_string(validity) + " ");
    const auto to = with_code.number_after(fmt::format("[COPYUID {} {} ", validity, from));
    acknowledge(answer, request, to, validity);
  }

  void acknowledge(const ImapReply& answer, Holdings::Request request, std::uint32_t uid, std::uint32_t validity) {
    if (uid == 0) return life_.witness().accuse("no UID told: " + answer.text);
    try {
      holdings_.acknowledge(request, uid, validity);
    } catch (const std::runtime_error& wrong) {
      life_.witness().accuse(wrong.what());
    }
  }

  Life& life_;
  Dice& dice_;
  Holdings& holdings_;
  std::size_t member_;
  std::unique_ptr<ImapSession> session_;
  std::vector<Task> tasks_;
};

awaitable<void> live(Owner& owner, Dice& dice, Life& life) {
  co_await owner.begin();
  co_await owner.survey(Holdings::When::running);
  for (std::uint64_t turns = dice.below(6); turns > 0 && life.goes_on(); --turns) {
    co_await life.pause(std::chrono::milliseconds(dice.below(5'000)));
    const auto what = dice.below(6);
    if (what == 0) {
      co_await owner.idle();
    } else if (what == 1) {
      co_await owner.append_politely();
    } else if (what == 2) {
      co_await owner.survey(Holdings::When::running);
    } else {
      co_await owner.change();
    }
  }
  if (dice.coin()) co_await owner.log_out();
}

}  // namespace

awaitable<void> own(Life& life, Dice dice, std::size_t member) {
  for (unsigned sessions = 0; life.goes_on() && (!life.is_last() || sessions != 1); ++sessions) {
    // Long enough for whatever a broken session left under way to end.
    co_await life.pause(std::chrono::milliseconds(30'000 + dice.below(60'000)));
    Owner owner(life, dice, member);
    try {
      co_await live(owner, dice, life);
    } catch (const std::system_error& failure) {
      life.witness().note("owner {} is cut off: {}", member, failure.code().message());
    }
  }
}

awaitable<void> survey(Life& life, std::size_t member, Holdings::When when) {
  Dice dice(member);
  Owner owner(life, dice, member);
  co_await owner.begin();
  co_await owner.survey(when);
  co_await owner.log_out();
}

}  // namespace mailpod::world
