#include <mailpod/governance/ledger.hpp>
#include <mailpod/governance/witness.hpp>

#include "../arguments.hpp"
#include "../operation.hpp"

namespace mailpod::admin {
namespace {

using governance::VerifierKey;

constexpr std::size_t most_keys = 64;
constexpr std::uint64_t most_leaves = std::uint64_t{1} << 53U;  // what JSON's numbers hold

/// The keys in a list of texts.
governance::Verdict<std::vector<VerifierKey>> keys_argument(const json& arguments, const char* key) {
  std::vector<VerifierKey> keys;
  for (const auto& item : list_argument(arguments, key, most_keys)) {
    if (!item.is_string()) throw BadRequest(std::string(key) + " is no list of keys");
    auto parsed = governance::parse_verifier_key(item.get_ref<const std::string&>(), item.get<std::string>());
    if (!parsed.has_value()) return parsed.error();
    keys.push_back(std::move(*parsed));
  }
  return keys;
}

}  // namespace

/// How far the ledger is, what was signed last, and by which keys this pod signs and cosigns.
Answer ledger_show(const Premises& premises, const json&) {
  const auto& ledger = premises.ledger;
  json out{{"origin", ledger.origin()},
           {"leaves", ledger.head().size},
           {"entries", premises.registry.leaves().size()},
           {"checkpoint", ledger.checkpoint().str()},
           {"key", ledger.verifier_key().str()},
           {"witness_key", premises.witness.verifier_key().str()},
           {"witnesses", json::array()}};
  for (const auto& key : ledger.witnesses()) {
    const auto seconds = governance::cosigned_at(ledger.checkpoint(), key, "checkpoint");
    const auto last = ledger.last_cosigned(key);
    out["witnesses"].push_back(
        {{"key", key.str()}, {"cosigned", seconds ? json(*seconds) : json()}, {"last", last ? json(*last) : json()}});
  }
  return out;
}

/// That leaf `index` is in the ledger; or, with `since`, that the ledger grew out of its first so many leaves.
Answer ledger_prove(const Premises& premises, const json& arguments) {
  const auto number = [&](const char* key) {
    const auto& value = arguments.at(key);
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > most_leaves)
      throw BadRequest(std::string(key) + " is no number");
    return value.get<std::uint64_t>();
  };
  if (arguments.contains("since")) {
    const auto proof = premises.ledger.prove_since(number("since"));
    if (!proof.has_value()) return proof.error();
    return json{{"proof", write_proof(*proof)}};
  }
  if (!arguments.contains("index")) throw BadRequest("index is missing");
  const auto proof = premises.ledger.prove(number("index"));
  if (!proof.has_value()) return proof.error();
  return json{{"proof", write_proof(*proof)}};
}

/// Cosigns another pod's checkpoint.
Answer ledger_witness(const Premises& premises, const json& arguments) {
  governance::Witness::Request request;
  request.checkpoint = text_argument(arguments, "checkpoint");
  request.file_name = optional_text(arguments, "name");
  if (const auto text = optional_text(arguments, "proof"); !text.empty()) {
    auto proof = governance::parse_consistency_proof(text, "the proof");
    if (!proof.has_value()) return proof.error();
    request.proof = std::move(*proof);
  }
  if (const auto text = optional_text(arguments, "key"); !text.empty()) {
    auto key = governance::parse_verifier_key(text, text);
    if (!key.has_value()) return key.error();
    request.key = std::move(*key);
  }
  const auto cosigned = premises.witness.cosign(request);
  if (!cosigned.has_value()) return cosigned.error();
  return json{{"checkpoint", cosigned->str()}};
}

/// Keeps what witnesses wrote under a checkpoint of this pod's.
Answer ledger_cosign_add(const Premises& premises, const json& arguments) {
  const auto keys = keys_argument(arguments, "witnesses");
  if (!keys.has_value()) return keys.error();
  const auto added =
      premises.ledger.add_cosignatures(text_argument(arguments, "checkpoint"), *keys, optional_text(arguments, "name"));
  if (!added.has_value()) return added.error();
  return json{{"added", *added}};
}

}  // namespace mailpod::admin
