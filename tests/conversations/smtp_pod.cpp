#include "smtp_pod.hpp"

#include <optional>
#include <stdexcept>
#include <system_error>

#include <mailpod/delivery/chancery.hpp>

#include "../unit/delivery/pod_world.hpp"
#include "simulation/resolver.hpp"
#include "smtp_exchange.hpp"

namespace mailpod::conversations {

namespace {

using delivery::PodWorld;
using delivery::RunningPod;
using delivery::Sends;

/// Every member's password is "secret"; names are local parts.
class MemberCredentials final : public sasl::Credentials {
public:
  explicit MemberCredentials(PodWorld& world) : world_(world) {}
  boost::asio::awaitable<Result<sasl::Login>> check_plain(sasl::PlainClaim claim) override {
    if (claim.password != "secret") co_return sasl::make_error_code(sasl::Errc::refused);
    sasl::Login login;
    login.member = world_.id_of(std::string(claim.authentication_id));
    login.scopes = static_cast<sasl::Scopes>(sasl::Scope::send);
    co_return login;
  }
  bool offers_scram() const override { return false; }
  boost::asio::awaitable<Result<sasl::ScramChallenge>> challenge_scram(std::string_view) override {
    co_return sasl::make_error_code(sasl::Errc::refused);
  }
  boost::asio::awaitable<Result<sasl::ScramLogin>> check_scram(sasl::ScramClaim) override {
    co_return sasl::make_error_code(sasl::Errc::refused);
  }

private:
  PodWorld& world_;
};

/// The post office exists once everything is given.
class LatePostOffice final : public smtp::Mailroom {
public:
  std::function<smtp::Mailroom&()> office;

  boost::asio::awaitable<Status> consider_sender(const smtp::Peer& peer, const smtp::Mailbox& reverse_path,
                                                 const smtp::MailParameters& parameters) override {
    return office().consider_sender(peer, reverse_path, parameters);
  }
  boost::asio::awaitable<Status> consider_recipient(const smtp::Peer& peer, const smtp::Mailbox& reverse_path,
                                                    const smtp::Mailbox& forward_path) override {
    return office().consider_recipient(peer, reverse_path, forward_path);
  }
  std::string explain_recipient(const smtp::Peer& peer, const smtp::Mailbox& reverse_path,
                                const smtp::Mailbox& forward_path) const override {
    return office().explain_recipient(peer, reverse_path, forward_path);
  }
  boost::asio::awaitable<Result<std::unique_ptr<smtp::Letter>>> begin(const smtp::Peer& peer,
                                                                      const smtp::Mailbox& reverse_path,
                                                                      const std::vector<smtp::Addressee>& recipients,
                                                                      const smtp::MailParameters& parameters) override {
    return office().begin(peer, reverse_path, recipients, parameters);
  }
};

/// Hears signed files, on a disk that may be full; nobody here judges them.
class Hearing final : public delivery::Chancery {
public:
  explicit Hearing(const bool& full) : full_(full) {}
  bool admits(std::string_view, const std::optional<MemberId>&) override { return ++asked_ <= 4; }
  void take(const delivery::SignedMail&, const std::optional<Correspondent>&) override {
    if (full_) throw std::system_error(std::make_error_code(std::errc::no_space_on_device));
  }

private:
  const bool& full_;
  int asked_ = 0;
};

std::string_view after(std::string_view words, std::string_view prefix) {
  return words.starts_with(prefix) ? words.substr(prefix.size()) : std::string_view();
}

std::string with_line_ends(std::string_view text) {
  std::string out(text);
  for (std::size_t at = out.find("\\r\\n"); at != std::string::npos; at = out.find("\\r\\n"))
    out.replace(at, 4, "\r\n");
  return out;
}

class PodExchange final : public Exchange {
public:
  explicit PodExchange(std::uint64_t wire_seed)
      : exchange_({office_, credentials_, [this](std::string_view words) { return given_here(words); },
                   [this](std::string_view words) { return directive_here(words); }},
                  wire_seed) {
    office_.office = [this]() -> smtp::Mailroom& { return *pod_->office; };
  }

  void given(std::string_view words) override { exchange_.given(words); }
  void connect(std::size_t client) override {
    if (!pod_) found();
    exchange_.connect(client);
  }
  void send(std::size_t client, std::string_view octets) override { exchange_.send(client, octets); }
  void close(std::size_t client) override { exchange_.close(client); }
  std::string receive(std::size_t client) override { return exchange_.receive(client); }
  bool closed(std::size_t client) override { return exchange_.closed(client); }
  void directive(std::size_t client, std::string_view words) override { exchange_.directive(client, words); }

private:
  void found() {
    world_.found(disk_, {"alice", "bob", "carol"});
    pod_.emplace(world_, disk_, RunningPod::small_settings(), sends_);
    for (const auto& name : suspended_) world_.suspend(*pod_->registry, name);
    if (examines_) pod_->ask(inquiry_);
    if (hears_) pod_->bring_to(hearing_);
    if (full_) disk_.set_capacity(disk_.used());
  }

  bool given_here(std::string_view words) {
    if (const auto name = after(words, "maintainer "); !name.empty()) {
      world_.name_maintainer(std::string(name));
    } else if (const auto member = after(words, "suspended "); !member.empty()) {
      suspended_.emplace_back(member);
    } else if (const auto denied = after(words, "charter denies "); !denied.empty()) {
      world_.community.charter.federation.deny.emplace_back(denied);
    } else if (const auto allowed = after(words, "charter allows only "); !allowed.empty()) {
      world_.community.charter.federation.policy = governance::Charter::Federate::allow;
      world_.community.charter.federation.allow.emplace_back(allowed);
    } else if (words == "full disk") {
      full_ = true;
    } else if (words == "signed files are heard") {
      hears_ = true;
    } else if (words == "no sending") {
      sends_ = Sends::no;
    } else if (const auto record = after(words, "DNS has "); !record.empty()) {
      const std::size_t type = record.find(" TXT ");
      dns_.txt_records[std::string(record.substr(0, type))].records.emplace_back(record.substr(type + 5));
      examines_ = true;
    } else if (const auto failing = after(words, "DNS fails for "); !failing.empty()) {
      dns_.failures[std::string(failing)] = net::Errc::lookup_failed;
      examines_ = true;
    } else {
      return false;
    }
    return true;
  }

  std::vector<std::string> inbox(const std::string& name, const std::string& mailbox = "INBOX") {
    return world_.inbox(*disk_.clean_copy(), name, mailbox);
  }

  bool directive_here(std::string_view words) {
    if (words == "space returns") {
      disk_.heal();
      full_ = false;
      return true;
    }
    if (const auto domain = after(words, "maintainers defederate from "); !domain.empty()) {
      defederate(std::string(domain));
      return true;
    }
    if (words.starts_with("entry ")) return check_entry(words.substr(6));
    const std::size_t has = words.find(" has ");
    if (has == std::string_view::npos) return false;
    const std::string_view whose = words.substr(0, has);
    const std::string_view what = words.substr(has + 5);
    if (const std::size_t junk = whose.find("'s junk "); junk != std::string_view::npos) {
      const auto messages = inbox(std::string(whose.substr(0, junk)), "Junk");
      check_message(messages.at(std::stoul(std::string(whose.substr(junk + 8))) - 1), what);
      return true;
    }
    const std::size_t possessive = whose.find("'s message ");
    if (whose == "queue") {
      const std::string count = std::to_string(world_.queued(*disk_.clean_copy()).size()) + " entries";
      if (count != what) throw std::runtime_error("the queue has " + count);
      return true;
    }
    if (possessive == std::string_view::npos) {
      const std::string count = std::to_string(inbox(std::string(whose)).size()) + " messages";
      if (count != what) throw std::runtime_error(std::string(whose) + " has " + count);
      return true;
    }
    const auto messages = inbox(std::string(whose.substr(0, possessive)));
    check_message(messages.at(std::stoul(std::string(whose.substr(possessive + 11))) - 1), what);
    return true;
  }

  void defederate(const std::string& domain) {
    auto act = world_.community.act(governance::Act::Kind::defederate, {});
    act.domain = domain;
    act.reason = "it sends spam";
    pod_->registry->record(std::vector{world_.community.sign(act)}, world_.community.clock.now()).value();
  }

  /// `has` is what follows that word.
  static void check_message(const std::string& message, std::string_view has) {
    const std::string_view absent = after(has, "no ");
    const bool found = message.find(with_line_ends(absent.empty() ? has : absent)) != std::string::npos;
    if (found == !absent.empty()) throw std::runtime_error("the message is:\n" + message);
  }

  static std::string wishes(const queue::Entry& entry) {
    using queue::Notify;
    std::string text;
    const auto add = [&](bool holds, const std::string& word) {
      if (holds) text += (text.empty() ? "" : " ") + word;
    };
    add(entry.return_content == queue::Return::full, "RET=FULL");
    add(entry.return_content == queue::Return::headers, "RET=HDRS");
    add(entry.smtp_utf8, "SMTPUTF8");
    add(entry.require_tls, "REQUIRETLS");
    add(!entry.envelope_id.empty(), "ENVID=" + entry.envelope_id);
    for (const auto& recipient : entry.recipients) {
      add(true, recipient.address + ":");
      add((recipient.notify & Notify::never) != 0, "NEVER");
      add((recipient.notify & Notify::success) != 0, "SUCCESS");
      add((recipient.notify & Notify::failure) != 0, "FAILURE");
      add((recipient.notify & Notify::delay) != 0, "DELAY");
      add(!recipient.original_recipient.empty(), "ORCPT=" + recipient.original_recipient);
    }
    return text;
  }

  bool check_entry(std::string_view words) {
    const auto all = world_.queued(*disk_.clean_copy());
    const auto& [entry, octets] = all.at(std::stoul(std::string(words)) - 1);
    const std::string_view what = words.substr(words.find(' ') + 1);
    if (const auto has = after(what, "has "); !has.empty()) {
      check_message(octets, has);
      return true;
    }
    if (const auto asks = after(what, "asks "); !asks.empty()) {
      if (wishes(entry) != asks) throw std::runtime_error("it asks " + wishes(entry));
      return true;
    }
    std::string goes = "goes from " + entry.reverse_path + " to ";
    for (const auto& recipient : entry.recipients)
      goes += (&recipient == &entry.recipients.front() ? "" : ", ") + recipient.address;
    if (what != goes) throw std::runtime_error("it " + goes);
    return true;
  }

  simulation::Disk disk_;
  PodWorld world_;
  std::vector<std::string> suspended_;
  bool full_ = false;
  bool hears_ = false;
  Hearing hearing_{full_};
  Sends sends_ = Sends::yes;
  simulation::Resolver dns_;
  mailauth::DnsInquiry inquiry_{{dns_, {}, net::system_alarms(), world_.community.clock}, {}};
  bool examines_ = false;
  std::optional<RunningPod> pod_;
  LatePostOffice office_;
  MemberCredentials credentials_{world_};
  SmtpExchange exchange_;
};

}  // namespace

std::unique_ptr<Exchange> make_pod_exchange(std::uint64_t wire_seed) {
  return std::make_unique<PodExchange>(wire_seed);
}

}  // namespace mailpod::conversations
