#include <mailpod/crypto/keys.hpp>
#include <mailpod/sasl/scram_exchange.hpp>
#include <mailpod/text/ascii.hpp>

#include "../auth_exchange.hpp"
#include "../commands.hpp"

namespace mailpod::smtp {

namespace {

// Malformed is the client's fault and said so; a name that may not be used reads like every other refusal.
Reply refusal_for(boost::system::error_code error) {
  if (error == sasl::MechanismError::empty_name || error == sasl::MechanismError::authorization_differs) {
    return refused();
  }
  return {501, "5.5.2", "malformed response"};
}

awaitable<Entered> enter_with(Session& session, const sasl::OwnedClaim& owned) {
  const auto claim = owned.claim(sasl::Scope::send);
  auto checking = with_failures(session, session.services.credentials.check_plain(claim));
  auto login = co_await std::move(checking);
  if (!login) co_return refusal_by(session, login.error());
  co_return Entrance{std::move(*login), std::string(claim.authentication_id)};
}

// RFC 4616. A client that sends no initial response is asked for it with an empty challenge.
awaitable<Entered> exchange_plain(Session& session, std::string_view initial) {
  Response response = initial.empty() ? Response(std::string()) : decode_initial(initial);
  if (initial.empty()) response = co_await ask(session, "");
  if (!response) co_return response.error();
  auto claim = sasl::Plain::take(*response);
  crypto::wipe(*response);
  if (!claim) co_return refusal_for(claim.error());
  auto entering = enter_with(session, *claim);
  co_return co_await std::move(entering);
}

// Two challenges; some clients give the name as an initial response, which is the answer to the first.
awaitable<Entered> exchange_login(Session& session, std::string_view initial) {
  sasl::LoginExchange login;
  bool first = !initial.empty();
  while (!login.complete()) {
    Response response = first ? decode_initial(initial) : Response(std::string());
    if (!first) response = co_await ask(session, login.challenge());
    first = false;
    if (!response) co_return response.error();
    const Status taken = login.take(*response);
    crypto::wipe(*response);
    if (!taken) co_return refusal_for(taken.error());
  }
  const auto claim = login.claim();
  auto entering = enter_with(session, claim);
  co_return co_await std::move(entering);
}

bool always(const Session&) {
  return true;
}
bool knows_scram(const Session& session) {
  return session.services.credentials.offers_scram();
}
bool has_binding(const Session& session) {
  return knows_scram(session) && sasl::bindings_of(session.stream).any();
}

struct Mechanism {
  std::string_view name;
  bool (*is_offered)(const Session& session);
  awaitable<Entered> (*exchange)(Session& session, std::string_view initial);
};

/// The strongest first.
constexpr Mechanism mechanisms[] = {
    {sasl::ScramExchange::plus_name, has_binding, exchange_scram_plus},
    {sasl::ScramExchange::name, knows_scram, exchange_scram},
    {sasl::Plain::name, always, exchange_plain},
    {sasl::LoginExchange::name, always, exchange_login},
};

const Mechanism* find_mechanism(const Session& session, std::string_view name) {
  for (const auto& mechanism : mechanisms) {
    if (text::equal_fold(name, mechanism.name) && mechanism.is_offered(session)) return &mechanism;
  }
  return nullptr;
}

std::optional<Reply> may_not_authenticate(const Session& session) {
  if (!session.is_submission()) return Reply(502, "5.5.1", "authentication is not offered on this port");
  if (!session.peer.tls) return Reply(538, "5.7.11", "encryption required: STARTTLS first");
  if (!session.peer.extended) return Reply(503, "5.5.1", "say EHLO first");
  if (session.peer.login) return Reply(503, "5.5.1", "authenticated already");
  return std::nullopt;
}

}  // namespace

// RFC 4954 §4
awaitable<Reply> run_auth(Session& session, std::string_view arguments) {
  if (auto refusal = may_not_authenticate(session)) {
    ++session.patience.errors;
    co_return std::move(*refusal);
  }
  const std::size_t space = arguments.find(' ');
  const std::string_view mechanism = arguments.substr(0, space);
  const std::string_view initial = space == std::string_view::npos ? "" : text::trim(arguments.substr(space));
  const auto* known = find_mechanism(session, mechanism);
  if (known == nullptr) {
    ++session.patience.errors;
    co_return Reply(504, "5.5.4", "unknown mechanism");
  }
  auto exchange = known->exchange(session, initial);
  auto entered = co_await std::move(exchange);
  if (!entered) {
    // A malformed exchange is a failed login too: it must not be a free way to keep trying.
    if (entered.error().refuses_for_good()) ++session.patience.failed_logins;
    co_return entered.error();
  }
  session.log_in(std::move(entered->login), entered->name);
  session.patience.idle_commands = 0;
  session.services.log.info("smtp.login peer={} member={}", session.peer.address, session.peer.login->member.str());
  co_return Reply(235, "2.7.0", "authentication successful");
}

std::string offered_mechanisms(const Session& session) {
  std::string names;
  for (const auto& mechanism : mechanisms) {
    if (!mechanism.is_offered(session)) continue;
    if (!names.empty()) names += ' ';
    names += mechanism.name;
  }
  return names;
}

}  // namespace mailpod::smtp
