#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>
#include <set>

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>

#include "imap_session.hpp"
#include "letter.hpp"
#include "life.hpp"
#include "smtp_session.hpp"

#include "simulation/far_server.hpp"

/// A day of a pod's at which a call of the disk fails, each in turn, or at which the disk is full, each thousand octets
/// later: every client gets an answer, and the right one; what was answered well is there and what was refused is not;
/// and the next day is as any other.
namespace mailpod::world {
namespace {

using namespace std::chrono_literals;

/// How the disk fails.
enum class Fault { once, full };

constexpr std::string_view friends = "friend@far.example";

class Machine {
public:
  Machine() {
    far_.listen(network_, "198.51.100.1");
    resolver_.mx_records["far.example"].records.push_back({10, "mx.far.example"});
    resolver_.address_records[{"mx.far.example", net::Family::ipv4}].records.emplace_back("198.51.100.1");
    pod_.emplace(RunningPod::Ports{*disk_, clock_, entropy_, witness, loop_, time_, network_, resolver_});
  }
  ~Machine() { loop_.forget_everything(); }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  /// At the `step`-th call from now on, or once so many thousand octets more are on the disk.
  void fail(std::uint64_t step, Fault how) {
    if (how == Fault::once) {
      last_ = disk_->calls() + step;
      disk_->fail_call(last_, EIO);
    } else {
      disk_->set_capacity(disk_->used() + 1000 * (step - 1));
    }
  }
  /// Whether it came to that.
  bool has_failed(Fault how) const { return how == Fault::once ? disk_->calls() >= last_ : refusals > 0; }
  void heal() { disk_->heal(); }

  void live_a_day() {
    act("mail in", [this] { return bring_mail(); });
    act("owner", [this] { return tend_mailbox(); });
    act("author", [this] { return submit(); });
  }
  bool sends_everything() {
    return time_.run_until([this] { return pod_->has_sent_everything(); }, 24h);
  }
  bool stop() { return pod_->stop(); }

  void compare_with_promises() {
    const auto after = disk_->clean_copy();
    simulation::Entropy entropy(7);
    const auto pod = Foundation::instance().open(*after, clock_, entropy, base::silent_log());
    for (const auto* member : {&alice(), &bob()}) {
      const auto vault = Foundation::open_vault(*pod, *member);
      while (vault->merge()) {
      }
      EXPECT_TRUE(vault->check().empty()) << vault->check().front();
      for (const auto& mailbox : vault->state()->mailboxes) {
        std::multiset<std::string> found;
        for (std::uint32_t n = 1; n <= mailbox->count; ++n) {
          const auto source = vault->open_message(mailbox->at({n})).value();
          std::string octets(static_cast<std::size_t>(source->size()), '\0');
          octets.resize(source->read_at(0, octets));
          found.insert(token_of(octets));
          EXPECT_EQ(difference(octets, letters_.at(token_of(octets))), "");
        }
        EXPECT_EQ(found, held_[member->name + ' ' + mailbox->name]) << member->name << ' ' << mailbox->name;
      }
    }
    EXPECT_EQ(far_.copies_for(std::string(friends)), sent_);
  }

  std::size_t refusals = 0;

private:
  static const Member& alice() { return Foundation::instance().members()[0]; }
  static const Member& bob() { return Foundation::instance().members()[1]; }

  /// One client, from its first word to its last.
  void act(const std::string& who, const std::function<awaitable<void>()>& deed) {
    bool done = false;
    boost::asio::co_spawn(loop_, deed(), [&](const std::exception_ptr& failure) {
      done = true;
      try {
        if (failure) std::rethrow_exception(failure);
      } catch (const std::system_error& broken) {
        witness.accuse(who + " was left without an answer: " + broken.what());
      }
    });
    if (!time_.run_until([&] { return done; }, 1h)) witness.accuse(who + " waits for ever");
  }

  const Letter& write(std::string_view from, std::size_t size = 0) {
    Letter letter = write_letter(dice_, letters_.size() + 1, from);
    while (letter.octets.size() < size) letter.octets += std::string(70, 'x') + "\r\n";
    return letters_[letter.token] = letter;
  }
  awaitable<std::unique_ptr<net::Stream>> dial(std::uint16_t port) {
    const net::Endpoint pod{pod_address, port};
    co_return co_await dialer_->connect(pod, 30s);
  }

  /// Whether it was taken; refused, it was for the disk's sake alone.
  awaitable<bool> send(SmtpSession& session, std::string_view from, std::vector<std::string_view> to,
                       const Letter& letter) {
    std::vector<SmtpCommand> commands{{fmt::format("MAIL FROM:<{}>", from), "250"}};
    for (const auto address : to) commands.push_back({fmt::format("RCPT TO:<{}>", address), "250"});
    commands.push_back({"DATA", "354"});
    const std::vector<int> codes = co_await session.exchange(std::move(commands));
    if (codes.back() == 354) {
      co_await session.send_data(letter.octets);
      co_await session.write(".\r\n");
      const int code = co_await session.hear("(end of " + letter.token + ")", "250");
      if (code == 250) co_return true;
    }
    ++refusals;
    const bool fitting = session.last_text.starts_with("452 4.3.1 ") || session.last_text.starts_with("451 4.3.0 ");
    if (!fitting) witness.accuse("refused so: " + session.last_text);
    co_return false;
  }

  awaitable<void> bring_mail() {
    auto stream = co_await dial(25);
    SmtpSession session(std::move(stream), witness, "outside");
    co_await session.begin();
    for (const std::size_t size : {std::size_t{0}, std::size_t{50'000}}) {
      const Letter& letter = write("friend@outside.example", size);
      std::vector<std::string_view> recipients{alice().address, bob().address};
      const bool taken = co_await send(session, "friend@outside.example", std::move(recipients), letter);
      if (!taken) continue;
      held_["alice INBOX"].insert(letter.token);
      held_["bob INBOX"].insert(letter.token);
    }
    co_await session.close();
  }

  awaitable<void> submit() {
    auto stream = co_await dial(465);
    SmtpSession session(std::move(stream), witness, "author");
    co_await session.start_tls(true);
    co_await session.begin();
    const bool welcome = co_await session.log_in(alice().name, alice().password);
    if (!welcome) {
      witness.accuse("whoever only sends needs no disk to log in");
      co_return;
    }
    const Letter& letter = write(alice().address);
    std::vector<std::string_view> recipients{bob().address, friends};
    const bool taken = co_await send(session, alice().address, std::move(recipients), letter);
    if (taken) {
      held_["bob INBOX"].insert(letter.token);
      ++sent_;
    }
    co_await session.close();
  }

  /// One command; whether it succeeded.
  awaitable<bool> ask(ImapSession& session, std::string command) {
    session.add(std::move(command));
    co_await session.exchange();
    const ImapReply& reply = session.heard.back();
    if (reply.is_ok()) co_return true;
    ++refusals;
    if (!reply.text.starts_with("NO [UNAVAILABLE] ")) witness.accuse("refused so: " + reply.text);
    co_return false;
  }

  awaitable<void> append(ImapSession& session, std::string mailbox, std::size_t size) {
    const Letter& letter = write(alice().address, size);
    const bool done =
        co_await ask(session, fmt::format("APPEND {} {{{}+}}\r\n{}", mailbox, letter.octets.size(), letter.octets));
    if (done) held_["alice " + mailbox].insert(letter.token);
  }

  awaitable<void> tend_mailbox() {
    auto stream = co_await dial(993);
    ImapSession session(std::move(stream), witness, "owner");
    const bool welcome = co_await session.begin(alice().name, alice().password);
    if (!welcome) {
      // A vault that is opened may have to write: a checkpoint, say.
      ++refusals;
      if (!session.heard.back().text.starts_with("NO [UNAVAILABLE] "))
        witness.accuse("not let in: " + session.heard.back().text);
      co_return;
    }
    co_await append(session, "Drafts", 0);
    co_await append(session, "Sent", 50'000);
    const bool selected = co_await ask(session, "SELECT INBOX");
    if (!selected || session.view().empty()) {
      if (!selected) witness.accuse("reading needs no room: SELECT was refused");
      co_return;
    }
    const bool read = co_await ask(session, "FETCH 1 (UID BODY.PEEK[])");
    if (!read) {
      witness.accuse("reading needs no room: FETCH was refused");
      co_return;
    }
    const auto fetched =
        std::ranges::find_if(session.heard, [](const ImapReply& reply) { return !reply.literals.empty(); });
    const std::string token = token_of(fetched->literals.front());
    const bool copied = co_await ask(session, "COPY 1 Archive");
    if (copied) held_["alice Archive"].insert(token);
    co_await ask(session, "STORE 1 +FLAGS (\\Flagged)");
    const bool moved = co_await ask(session, "MOVE 1 Trash");
    if (moved) {
      held_["alice INBOX"].erase(held_["alice INBOX"].find(token));
      held_["alice Trash"].insert(token);
    }
    co_await ask(session, "LOGOUT");
  }

  simulation::Dice dice_{1};
  simulation::Clock clock_;
  simulation::Entropy entropy_{1};
  std::unique_ptr<simulation::Disk> disk_ = Foundation::instance().disk(1);
  MortalLoop loop_;
  simulation::Time time_{loop_, clock_};
  simulation::Network network_{loop_, time_};
  simulation::Resolver resolver_;
  simulation::FarServer far_;
  std::unique_ptr<net::Dialer> dialer_ = network_.dialer("192.0.2.1");

public:
  Witness witness{clock_};

private:
  std::optional<RunningPod> pod_;
  std::uint64_t last_ = 0;
  std::map<std::string, Letter> letters_;                   // by token
  std::map<std::string, std::multiset<std::string>> held_;  // "alice INBOX": tokens
  std::size_t sent_ = 0;
};

std::string story(const Machine& machine) {
  std::string text;
  for (const auto& line : machine.witness.trace()) text += line + '\n';
  return text;
}

class FailingCall : public testing::TestWithParam<Fault> {};

TEST_P(FailingCall, OfADayIsAnsweredAsItIsAndTheNextDayIsAsAnyOther) {
  std::size_t refusals = 0;
  bool failed = true;
  for (std::uint64_t step = 1; failed; ++step) {
    Machine machine;
    machine.fail(step, GetParam());
    machine.live_a_day();
    failed = machine.has_failed(GetParam());
    machine.heal();
    refusals += machine.refusals;
    machine.refusals = 0;
    machine.live_a_day();
    EXPECT_EQ(machine.refusals, 0U) << "the disk is well again";
    EXPECT_TRUE(machine.sends_everything());
    EXPECT_TRUE(machine.stop());
    machine.compare_with_promises();
    EXPECT_EQ(machine.witness.what_is_wrong(), "");
    if (HasFailure()) FAIL() << "step " << step << ":\n" << story(machine);
  }
  EXPECT_GT(refusals, 20U);
}

INSTANTIATE_TEST_SUITE_P(Disk, FailingCall, testing::Values(Fault::once, Fault::full), [](const auto& info) {
  return std::string(info.param == Fault::once ? "FailsOnce" : "IsFull");
});

}  // namespace
}  // namespace mailpod::world
