#include <mailpod/admin/members_door.hpp>

#include <algorithm>
#include <system_error>

#include <nlohmann/json.hpp>

#include <mailpod/crypto/keys.hpp>
#include <mailpod/members/error.hpp>
#include <mailpod/net/lines.hpp>

#include "arguments.hpp"
#include "door_request.hpp"
#include "reply.hpp"

namespace mailpod::admin {
namespace {

json not_understood() {
  return refusal("this is not asked for at the members' door, or cannot be understood",
                 "ask where the pod's folder is, or use the `mailpod` command of the daemon's own version");
}

/// One text for every reason: who is a member is nobody's business.
json secret_refused() {
  return refusal("it is refused: no such member, or the secret opens nothing of theirs",
                 "look at name and secret, and try again");
}

json code_refused() {
  return refusal(
      "it is refused: no such member, the code is not theirs or counts no longer, or what was chosen is too weak",
      "look at name and code (only the newest counts), and choose at least ten characters");
}

/// A password was right, and its member is asked for a one-time code as well: the caller has one, or knows of none.
bool wants_one_time_code(const json& reply) {
  return reply.contains("complaint") &&
         reply["complaint"].at("what") == make_error_code(members::Errc::code_needed).message();
}

json come_again() {
  return refusal("too many attempts, or too much to do at present", "try again later");
}

}  // namespace

/// One request, from its line to its answer.
class MembersDoor::Visit {
public:
  Visit(MembersDoor& door, net::Stream& stream, sasl::Credentials& credentials)
      : door_(door), stream_(stream), credentials_(credentials), came_(stream.now()) {}

  net::awaitable<json> serve(DoorRequest& request) {
    switch (request.asked) {
      case Asked::by_member:
        return serve_member(request);
      case Asked::by_code:
        return serve_code(request);
      case Asked::by_signature:
        return serve_signed(request);
      case Asked::by_anyone:
        return perform(door_.work_, request);
      default:
        return perform(door_.errands_, request);
    }
  }
  bool refused() const { return refused_; }

private:
  net::awaitable<json> serve_member(DoorRequest& request) {
    const sasl::PlainClaim claim{"", request.name, request.secret, sasl::Scope::imap};
    auto question = credentials_.check_plain(claim);
    const auto login = co_await std::move(question);
    if (!login) {
      json reply = login.error() == sasl::Errc::busy ? come_again() : secret_refused();
      refused_ = true;
      auto pause = until_answered();
      co_await std::move(pause);
      co_return reply;
    }
    auto work = perform(door_.work_, request);
    auto reply = co_await std::move(work);
    co_return reply;
  }

  /// Right or wrong, the answer comes no sooner: how long a code was looked at tells nothing.
  net::awaitable<json> serve_code(DoorRequest& request) {
    auto& doorkeeper = door_.services_.doorkeeper;
    const std::string client = stream_.peer().address;
    const auto origin = doorkeeper.origin_of(client);
    const std::string& account = request.name.empty() ? client : request.name;
    const auto verdict = doorkeeper.consider_login(origin, account);
    auto delay = wait(verdict.delay);
    co_await std::move(delay);
    json reply = come_again();
    const bool too_often = verdict.answer == guard::Doorkeeper::Verdict::Answer::refused;
    if (!too_often) {
      auto work = perform(door_.work_, request);
      reply = co_await std::move(work);
    }
    auto pause = until_answered();
    co_await std::move(pause);
    refused_ = refused_ || too_often;
    if (!refused_ || busy_ || too_often || wants_one_time_code(reply)) co_return reply;
    doorkeeper.login_failed(origin, account);
    door_.services_.log.info("login.failed protocol=members client={}", client);
    co_return code_refused();
  }

  /// Nothing here is anybody's secret, so that a refusal may say why.
  net::awaitable<json> serve_signed(DoorRequest& request) {
    auto& doorkeeper = door_.services_.doorkeeper;
    const std::string address = stream_.peer().address;
    const auto origin = doorkeeper.origin_of(address);
    const auto verdict = doorkeeper.consider_login(origin, address);
    auto delay = wait(verdict.delay);
    co_await std::move(delay);
    json reply = come_again();
    refused_ = verdict.answer == guard::Doorkeeper::Verdict::Answer::refused;
    // Whoever joins stays in the record for ever: that is counted whether they are refused or not.
    refused_ = refused_ || (request.operation == "join" && !doorkeeper.admits_join(origin));
    if (refused_) co_return reply;
    auto work = perform(door_.work_, request);
    reply = co_await std::move(work);
    if (refused_ && !busy_) {
      doorkeeper.login_failed(origin, address);
      door_.services_.log.info("login.failed protocol=members client={}", address);
    }
    co_return reply;
  }

  net::awaitable<json> perform(net::Gate& gate, DoorRequest& request) {
    auto& desk = door_.services_.desk;
    json reply;
    auto work = [&desk, &request, &reply] { reply = desk.serve_member(request.request); };
    auto turn = gate.run(work);
    const Status done = co_await std::move(turn);
    busy_ = !done;
    if (busy_) reply = come_again();
    refused_ = !reply.contains("answer");
    co_return reply;
  }

  net::awaitable<void> until_answered() {
    return wait(std::chrono::ceil<std::chrono::milliseconds>(came_ + door_.settings_.refused_after - stream_.now()));
  }

  net::awaitable<void> wait(std::chrono::milliseconds pause) {
    if (pause.count() <= 0) co_return;
    const auto alarm = stream_.make_alarm();
    auto waiting = alarm->wait(pause);
    co_await std::move(waiting);
  }

  MembersDoor& door_;
  net::Stream& stream_;
  sasl::Credentials& credentials_;
  std::chrono::steady_clock::time_point came_;
  bool refused_ = false;
  bool busy_ = false;
};

MembersDoor::MembersDoor(const Services& services, const Settings& settings)
    : services_(services),
      settings_(settings),
      work_(services.pool, settings.at_once, settings.waiting),
      errands_(services.pool, settings.at_once, settings.waiting) {}

namespace {

net::awaitable<void> write_reply(net::Stream& stream, json& reply) {
  constexpr std::size_t piece = 64 * 1024;
  auto text = reply.dump(-1, ' ', false, json::error_handler_t::replace);
  wipe_secrets(reply);
  text += "\r\n";
  for (std::size_t at = 0; at < text.size(); at += piece) {
    auto written = stream.write(std::string_view(text).substr(at, piece));
    co_await std::move(written);
  }
  crypto::wipe(text);
}

}  // namespace

net::awaitable<void> MembersDoor::converse(net::Stream& stream, sasl::Credentials& credentials) {
  try {
    auto requests = serve_requests(stream, credentials);
    co_await std::move(requests);
  } catch (const std::system_error& failure) {
    services_.log.info("members ended reason=\"{}\"", base::printable(failure.what()));
  }
}

net::awaitable<void> MembersDoor::serve_requests(net::Stream& stream, sasl::Credentials& credentials) {
  net::LineReader reader(stream);
  const auto until = stream.now() + settings_.lifetime;
  std::size_t chances = settings_.refusals;
  while (chances > 0 && stream.now() < until) {
    stream.set_timeout(settings_.request_timeout);
    auto reading = reader.read_line(settings_.request, net::Overlong::stop);
    auto line = co_await std::move(reading);
    if (line.kind == net::Line::Kind::closed) co_return;
    auto request = line.kind == net::Line::Kind::complete ? parse_door_request(line.text) : std::nullopt;
    crypto::wipe(line.text);
    json reply = not_understood();
    if (request) {
      Visit visit(*this, stream, credentials);
      auto serving = visit.serve(*request);
      reply = co_await std::move(serving);
      crypto::wipe(request->secret);
      if (visit.refused()) --chances;
      // Never the arguments: they may hold an address or a secret.
      services_.log.info("members operation={} outcome={}", request->operation, visit.refused() ? "refused" : "done");
    } else {
      chances = 0;  // who speaks another language is not listened to any longer
    }
    stream.set_timeout(settings_.answer_timeout);
    auto writing = write_reply(stream, reply);
    co_await std::move(writing);
  }
}

}  // namespace mailpod::admin
