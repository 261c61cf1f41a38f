#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <system_error>
#include <thread>

#include <mailpod/crypto/digest.hpp>
#include <mailpod/governance/signatures.hpp>

namespace mailpod::governance {
namespace {

namespace minisign = crypto::minisign;

constexpr std::size_t most_threads = 8;
// Starting a thread costs as much as a few signatures do.
constexpr std::size_t files_worth_a_thread = 16;

Hash fingerprint(const minisign::PublicKey& key, const Hash& identity, std::string_view minisig) {
  crypto::Sha256 hash;
  hash.update(base::octets(key.id)).update(base::octets(key.key)).update(base::octets(identity)).update(minisig);
  return hash.finish();
}

using KeysById = std::multimap<minisign::KeyId, minisign::PublicKey>;

void try_signatures(const SignedFile& file, const KeysById& keys, std::vector<Hash>& good) {
  const Hash id = identity(file.octets);
  for (const auto& minisig : file.minisigs) {
    const auto signature = minisign::parse_signature(minisig);
    if (!signature) continue;
    const auto [first, last] = keys.equal_range(signature->id);
    for (auto key = first; key != last; ++key) {
      if (minisign::verify(key->second, file.octets, *signature)) good.push_back(fingerprint(key->second, id, minisig));
    }
  }
}

}  // namespace

SignaturesSeen SignaturesSeen::of(std::span<const SignedFile> files, std::span<const minisign::PublicKey> keys) {
  KeysById by_id;
  const std::set<minisign::PublicKey> distinct(keys.begin(), keys.end());
  for (const auto& key : distinct) by_id.emplace(key.id, key);

  const std::size_t worth = std::max<std::size_t>(1, files.size() / files_worth_a_thread);
  const std::size_t threads =
      std::min({worth, most_threads, std::max<std::size_t>(1, std::thread::hardware_concurrency())});
  std::array<std::vector<Hash>, most_threads> good;
  std::atomic<std::size_t> next = 0;
  const auto work = [&](std::vector<Hash>& found) {
    for (std::size_t i = next++; i < files.size(); i = next++) try_signatures(files[i], by_id, found);
  };
  {
    std::vector<std::jthread> others;
    try {
      for (std::size_t t = 1; t < threads; ++t) others.emplace_back([&, t] { work(good[t]); });
    } catch (const std::system_error&) {
      // The machine has no more of them: those that there are do it.
    }
    work(good[0]);
  }
  SignaturesSeen out;
  for (const auto& found : good) out.good_.insert(found.begin(), found.end());
  return out;
}

bool SignaturesSeen::contains(const minisign::PublicKey& key, const Hash& identity, std::string_view minisig) const {
  return good_.contains(fingerprint(key, identity, minisig));
}

}  // namespace mailpod::governance
