#include <mailpod/sasl/authentication.hpp>

#include <utility>

#include <mailpod/crypto/keys.hpp>
#include <mailpod/sasl/mechanisms.hpp>
#include <mailpod/sasl/scram_exchange.hpp>
#include <mailpod/text/ascii.hpp>
#include <mailpod/text/base64.hpp>

namespace mailpod::sasl {

using boost::asio::awaitable;

namespace {

class Category final : public boost::system::error_category {
public:
  const char* name() const noexcept override { return "mailpod.sasl.exchange"; }
  std::string message(int value) const override {
    switch (static_cast<ExchangeError>(value)) {
      case ExchangeError::no_such_mechanism:
        return "no such mechanism";
      case ExchangeError::not_base64:
        return "the response is not base64";
      case ExchangeError::cancelled:
        return "authentication cancelled";
      case ExchangeError::unasked:
        return "nothing was left to say";
    }
    return "an unknown end of an exchange";
  }
};

bool always(const Credentials&, const net::Stream&) {
  return true;
}
bool knows_scram(const Credentials& credentials, const net::Stream&) {
  return credentials.offers_scram();
}
bool has_binding(const Credentials& credentials, const net::Stream& stream) {
  return credentials.offers_scram() && bindings_of(stream).any();
}

struct Row {
  std::string_view name;
  bool (*is_offered)(const Credentials& credentials, const net::Stream& stream);
};

/// The strongest first.
constexpr Row rows[] = {
    {ScramExchange::plus_name, has_binding},
    {ScramExchange::name, knows_scram},
    {Plain::name, always},
};

const Row* find_row(std::string_view name) {
  for (const auto& row : rows) {
    if (text::equal_fold(row.name, name)) return &row;
  }
  return nullptr;
}

Result<std::string> decoded(std::string& line) {
  auto octets = text::parse_base64(line);
  crypto::wipe(line);
  if (!octets) return boost::system::error_code(ExchangeError::not_base64);
  return std::move(*octets);
}

}  // namespace

const boost::system::error_category& exchange_category() {
  static const Category category;
  return category;
}

std::string Authentication::offered(const Credentials& credentials, const net::Stream& stream,
                                    std::string_view prefix) {
  std::string names;
  for (const auto& row : rows) {
    if (!row.is_offered(credentials, stream)) continue;
    if (!names.empty()) names += ' ';
    names += prefix;
    names += row.name;
  }
  return names;
}

awaitable<Result<std::string>> Authentication::ask(std::string_view challenge) {
  auto asking = challenges_.ask(challenge);
  auto line = co_await std::move(asking);
  if (line.has_error()) co_return line.error();
  if (*line == "*") co_return boost::system::error_code(ExchangeError::cancelled);
  co_return decoded(*line);
}

awaitable<Result<std::string>> Authentication::first_response(std::optional<std::string> initial) {
  if (initial) {
    if (*initial == "=") initial->clear();
    co_return decoded(*initial);
  }
  auto asking = ask({});
  co_return co_await std::move(asking);
}

awaitable<Result<Authentication::Proven>> Authentication::perform(Request request) {
  const auto* row = find_row(request.mechanism);
  if (row == nullptr || !row->is_offered(credentials_, stream_)) {
    co_return boost::system::error_code(ExchangeError::no_such_mechanism);
  }
  auto performing = row->name == Plain::name ? by_plain(request) : by_scram(request);
  co_return co_await std::move(performing);
}

awaitable<Result<Authentication::Proven>> Authentication::by_plain(const Request& request) {
  auto reading = first_response(request.initial);
  auto response = co_await std::move(reading);
  if (response.has_error()) co_return response.error();
  const auto claim = Plain::take(*response);
  crypto::wipe(*response);
  if (claim.has_error()) co_return claim.error();
  const auto claimed = claim->claim(request.wanted);
  auto checking = with_failures(credentials_.check_plain(claimed));
  auto login = co_await std::move(checking);
  if (login.has_error()) co_return login.error();
  co_return Proven{std::move(*login), std::string(claimed.authentication_id)};
}

awaitable<Result<Authentication::Proven>> Authentication::by_scram(const Request& request) {
  using Variant = ScramExchange::Variant;
  const bool plus = text::equal_fold(request.mechanism, ScramExchange::plus_name);
  ScramExchange scram(plus ? Variant::plus : Variant::bare, bindings_of(stream_));
  auto reading = first_response(request.initial);
  const auto first = co_await std::move(reading);
  if (first.has_error()) co_return first.error();
  if (const auto taken = scram.take_first(*first); taken.has_error()) co_return taken.error();
  auto challenging = with_failures(credentials_.challenge_scram(scram.authentication_id()));
  const auto challenge = co_await std::move(challenging);
  if (challenge.has_error()) co_return challenge.error();
  const auto server_first = scram.server_first(*challenge);
  auto asking = ask(server_first);
  const auto final = co_await std::move(asking);
  if (final.has_error()) co_return final.error();
  if (const auto taken = scram.take_final(*final); taken.has_error()) co_return taken.error();
  auto checking = with_failures(credentials_.check_scram(scram.claim(request.wanted)));
  auto proven = co_await std::move(checking);
  if (proven.has_error()) co_return proven.error();
  const auto server_final = ScramExchange::server_final(proven->server_signature);
  auto showing = ask(server_final);
  const auto acknowledged = co_await std::move(showing);
  if (acknowledged.has_error()) co_return acknowledged.error();
  if (!acknowledged->empty()) co_return boost::system::error_code(ExchangeError::unasked);
  co_return Proven{std::move(proven->login), scram.authentication_id()};
}

}  // namespace mailpod::sasl
