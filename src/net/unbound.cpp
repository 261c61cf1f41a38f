#include "unbound.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace mailpod::net {

namespace {

constexpr int class_internet = 1;
constexpr int type_a = 1;
constexpr int first_sign_limit = 5'000;  // milliseconds

[[noreturn]] void refuse(int error, const std::string& what) {
  throw std::system_error(error, std::generic_category(), what);
}

void set(ub_ctx* context, const char* option, const std::string& value) {
  if (ub_ctx_set_option(context, option, value.c_str()) != UB_NOERROR) {
    refuse(EINVAL, fmt::format("libunbound does not take \"{} {}\"", option, value));
  }
}

void set_server(ub_ctx* context, const std::string& server) {
  if (ub_ctx_set_fwd(context, server.c_str()) != UB_NOERROR) {
    refuse(EINVAL,
           fmt::format("the DNS server \"{}\" is not a numeric address, or one with @ and a port behind it", server));
  }
}

void set_servers(ub_ctx* context, const ResolverSettings& settings) {
  for (const auto& server : settings.servers) set_server(context, server);
  if (!settings.servers.empty()) return;
  errno = 0;
  if (ub_ctx_resolvconf(context, settings.resolv_conf.c_str()) == UB_NOERROR) return;
  const int error = errno != 0 ? errno : EINVAL;
  if (error == ENOENT) return set_server(context, "127.0.0.1");
  refuse(error,
         fmt::format("{} cannot be read: mend it, or name DNS servers in the configuration", settings.resolv_conf));
}

[[noreturn]] void refuse_trust_anchors(const std::string& file) {
  refuse(EINVAL, fmt::format("{} is no file of DNSSEC trust anchors; Debian's dns-root-data has "
                             "/usr/share/dns/root.key",
                             file));
}

/// libunbound would take a file without any, and then believe everything.
bool holds_trust_anchors(const std::string& file) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    line.resize(std::min(line.size(), line.find(';')));
    if (line.find("DS") != std::string::npos || line.find("DNSKEY") != std::string::npos) return true;
  }
  return false;
}

void set_trust_anchors(ub_ctx* context, const std::string& file) {
  if (file.empty()) return;
  if (!holds_trust_anchors(file) || ub_ctx_add_ta_file(context, file.c_str()) != UB_NOERROR) refuse_trust_anchors(file);
}

/// Were the thread to start with the first question, and not come up for want of descriptors or memory, nobody would
/// ever hear of it; so it starts here, with a question that it answers by itself.
void start_thread(ub_ctx* context) {
  const auto answered = [](void*, int, ub_result* found) { ub_resolve_free(found); };
  const int asked = ub_resolve_async(context, "localhost.", type_a, class_internet, nullptr, answered, nullptr);
  pollfd answers{ub_fd(context), POLLIN, 0};
  if (asked != UB_NOERROR || ::poll(&answers, 1, first_sign_limit) != 1 || ub_process(context) != UB_NOERROR) {
    refuse(EAGAIN, "libunbound's thread does not start: there may be too few descriptors or too little memory");
  }
}

/// Why there is nothing to be had from an answer, if so. A bogus one may well hold data: whoever changed it put them
/// there.
std::optional<Errc> reason(const ub_result& found) {
  if (found.bogus != 0) return Errc::bogus_answer;
  if (found.nxdomain != 0) return Errc::no_such_name;
  if (found.rcode != 0) return Errc::lookup_failed;
  if (found.havedata == 0) return Errc::no_such_record;
  return std::nullopt;
}

}  // namespace

// ---- one question

/// Lives in the frame of the coroutine that waits, and takes its question back with it.
class Unbound::Lookup {
public:
  explicit Lookup(std::shared_ptr<Unbound> asked)
      : unbound_(std::move(asked)), ended_(unbound_->answers_.get_executor()) {}
  ~Lookup() { leave(); }
  Lookup(const Lookup&) = delete;
  Lookup& operator=(const Lookup&) = delete;

  /// False if libunbound does not take it.
  bool begin(const std::string& name, int type) {
    ended_.expires_after(unbound_->settings_.time_limit);
    const int error = ub_resolve_async(unbound_->context_.get(), name.c_str(), type, class_internet, this,
                                       &Lookup::answered, &number_);
    if (error != UB_NOERROR) return false;
    place_ = unbound_->under_way_.insert(unbound_->under_way_.end(), this);
    asked_ = true;
    unbound_->listen();
    return true;
  }
  awaitable<void> end() { co_await ended_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable)); }
  /// The coroutine goes on without an answer.
  void give_up() { ended_.cancel(); }
  /// libunbound has lost the question.
  void forget() {
    asked_ = false;
    ended_.cancel();
  }
  Found found() { return std::move(found_); }

private:
  /// From ub_process, on our loop.
  static void answered(void* lookup, int error, ub_result* result) {
    auto& self = *static_cast<Lookup*>(lookup);
    Found found(result);
    self.asked_ = false;
    self.unbound_->under_way_.erase(self.place_);
    if (error == UB_NOERROR) self.found_ = std::move(found);
    self.ended_.cancel();
  }
  void leave() {
    if (!asked_) return;
    ub_cancel(unbound_->context_.get(), number_);
    unbound_->under_way_.erase(place_);
    // Nobody waits for anything: the loop may run out of work.
    if (unbound_->under_way_.empty()) unbound_->answers_.cancel();
  }

  std::shared_ptr<Unbound> unbound_;
  boost::asio::steady_timer ended_;  ///< the time limit; cancelled when there is something to tell
  std::list<Lookup*>::iterator place_;
  int number_ = 0;
  bool asked_ = false;
  Found found_;
};

awaitable<Result<Unbound::Found>> Unbound::ask(std::shared_ptr<Unbound> self, std::string name, int type) {
  if (self->stopped_) co_return make_error_code(Errc::shutting_down);
  if (!self->context_ && !self->reopen()) co_return make_error_code(Errc::lookup_failed);
  Lookup lookup(self);
  if (!lookup.begin(name, type)) co_return make_error_code(Errc::lookup_failed);
  co_await lookup.end();
  if (self->stopped_) co_return make_error_code(Errc::shutting_down);
  Found found = lookup.found();
  if (!found) co_return make_error_code(Errc::lookup_failed);
  if (const auto why_not = reason(*found)) co_return make_error_code(*why_not);
  co_return found;
}

// ---- all questions

Unbound::Unbound(const boost::asio::any_io_executor& loop, ResolverSettings settings)
    : settings_(std::move(settings)), answers_(loop) {
  open();
}

Unbound::~Unbound() {
  close();
}

Unbound::Context Unbound::make_context(const ResolverSettings& settings) {
  Context made(ub_ctx_create());
  if (!made) refuse(ENOMEM, "libunbound");
  ub_ctx* context = made.get();
  ub_ctx_debugout(context, nullptr);  // or it writes to our standard error
  ub_ctx_async(context, 1);           // a thread, not a process
  set(context, "do-not-query-localhost:", "no");
  // Two thirds hold the records, one third the answers that are made of them.
  set(context, "rrset-cache-size:", std::to_string(settings.cache_size / 3 * 2));
  set(context, "msg-cache-size:", std::to_string(settings.cache_size / 3));
  // What is known of a server's silence is soon forgotten: half a minute of it, and libunbound would fail lookups
  // without asking for the next quarter of an hour, which is right for one of many servers and wrong for the only one.
  set(context, "infra-host-ttl:", "2");
  // The servers know the names of private networks, or say that there are none; nobody signs them.
  set(context, "unblock-lan-zones:", "yes");
  set(context, "insecure-lan-zones:", "yes");
  set_servers(context, settings);
  set_trust_anchors(context, settings.trust_anchor);
  // The first zone makes the context final, and only now are the trust anchors read.
  if (ub_ctx_zone_add(context, "test.", "transparent") != UB_NOERROR) {
    refuse_trust_anchors(settings.trust_anchor);
  }
  return made;
}

void Unbound::open() {
  Context made = make_context(settings_);
  start_thread(made.get());
  answers_.assign(ub_fd(made.get()));
  context_ = std::move(made);
}

bool Unbound::reopen() noexcept {
  try {
    open();
    return true;
  } catch (const std::exception&) {
    return false;  // as it came to be lost: for want of memory, perhaps not for long
  }
}

void Unbound::close() {
  if (answers_.is_open()) answers_.release();
  context_.reset();
}

void Unbound::stop() {
  stopped_ = true;
  for (Lookup* lookup : under_way_) lookup->give_up();
}

void Unbound::listen() {
  if (listening_ || under_way_.empty()) return;
  listening_ = true;
  answers_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                      [weak = weak_from_this()](const boost::system::error_code&) {
                        if (const auto self = weak.lock()) self->take_answers();
                      });
}

void Unbound::take_answers() {
  listening_ = false;
  if (ub_process(context_.get()) == UB_NOERROR) return listen();
  // Its thread is gone, and all questions with it; the next one gets a new thread.
  for (Lookup* lookup : std::exchange(under_way_, {})) lookup->forget();
  close();
}

}  // namespace mailpod::net
