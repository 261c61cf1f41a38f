#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <mailpod/sasl/scram.hpp>
#include <mailpod/sasl/scram_exchange.hpp>
#include <mailpod/text/base64.hpp>
#include <mailpod/text/unicode.hpp>

/// A whole exchange. The first octet chooses -PLUS and what the connection can be bound to; then the client's first
/// message, a line feed, and its last one. Whatever they are: a name is UTF-8 and within its limit, what both sides
/// sign holds what the client said and the fresh nonce, a binding is never passed over, and nobody proves a password
/// that they do not know.
namespace {

using namespace mailpod;

void demand(bool holds) {
  if (!holds) std::abort();
}

const sasl::ScramChallenge challenge{"0123456789abcdef", 4096, "ServersOwnNonce"};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static crypto::KeyArena arena;
  static const auto keys = sasl::scram::derive(arena, "mp-not-to-be-guessed", challenge.salt, 1);
  if (size == 0) return 0;
  const bool plus = (data[0] & 1) != 0;
  const sasl::ChannelBindings bindings{(data[0] & 2) != 0 ? "exporter" : "", (data[0] & 4) != 0 ? "hash" : ""};
  const std::string input(reinterpret_cast<const char*>(data + 1), size - 1);
  const auto end = input.find('\n');
  const auto first = std::string_view(input).substr(0, end);
  const auto last = end == input.npos ? std::string_view() : std::string_view(input).substr(end + 1);

  using Variant = sasl::ScramExchange::Variant;
  sasl::ScramExchange exchange(plus ? Variant::plus : Variant::bare, bindings);
  if (!exchange.take_first(first)) return 0;
  const auto& name = exchange.authentication_id();
  demand(!name.empty() && name.size() <= sasl::longest_field && text::is_utf8(name) && name.find('\0') == name.npos);
  demand(plus == first.starts_with("p="));
  demand(!plus || bindings.any());
  demand(!(first.starts_with("y") && bindings.any()));
  const auto server_first = exchange.server_first(challenge);
  if (!exchange.take_final(last)) return 0;
  const auto claim = exchange.claim(sasl::Scope::imap);
  demand(claim.proof.size() == 32);
  const auto proof = std::string_view(last).rfind(",p=");
  demand(proof != last.npos);
  const std::string signed_by_both = "," + server_first + "," + std::string(last.substr(0, proof));
  demand(claim.auth_message.ends_with(signed_by_both));
  demand(first.ends_with(claim.auth_message.substr(0, claim.auth_message.size() - signed_by_both.size())));
  demand(last.find(challenge.nonce) != last.npos);
  const auto header = std::string(first.substr(0, first.find(',', first.find(',') + 1) + 1));
  const auto binding = first.starts_with("p=tls-exporter,") ? bindings.exporter : bindings.server_end_point;
  demand(last.starts_with("c=" + text::write_base64(header + (plus ? binding : "")) + ","));
  demand(!sasl::scram::recover_client_key(arena, base::octets(keys.stored_key), claim.auth_message, claim.proof));
  return 0;
}
