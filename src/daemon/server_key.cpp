#include "server_key.hpp"

#include <charconv>
#include <cstdlib>

#include <mailpod/base/bytes.hpp>
#include <mailpod/crypto/seal.hpp>
#include <mailpod/text/base32.hpp>

namespace mailpod::daemon {
namespace {

using governance::Complaint;
using governance::Errc;

constexpr std::string_view plain_title = "mailpod server key 1\n";
constexpr std::string_view sealed_title = "mailpod sealed server key 1\n";
constexpr std::uint64_t largest_key_file = 4096;
constexpr std::uint32_t for_others = 077;  // permission bits of group and others
constexpr std::uint32_t acl_mask = 040;    // where there is an ACL, the group's bits are its mask
// What a file may ask for: one that was altered must not take all memory.
constexpr std::uint32_t most_passes = 64;
constexpr std::uint64_t least_memory = 8192;
constexpr std::uint64_t most_memory = std::uint64_t{4} << 30;

/// systemd gives a credential to the service's user by an ACL: root owns the file, the folder is the user's alone, and
/// nobody else is let in (systemd 252, 2022).
bool open_to_others(const std::string& path, const base::Disk::Information& status) {
  const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
  const bool credential =
      credentials != nullptr && path.starts_with(std::string(credentials) + "/") && status.owner == 0;
  return (status.mode & (credential ? for_others & ~acl_mask : for_others)) != 0;
}

/// The line that says how the passphrase becomes a key; authenticated with the seal.
std::string parameters_line(const PassphraseSeal& seal) {
  return fmt::format("{} {} {}", seal.cost.passes, seal.cost.memory, base::hex(base::octets(seal.salt)));
}

std::string associated_data(std::string_view parameters) {
  return base::Encoder().var("mailpod/v1/server-key").var(parameters).take();
}

std::string_view take_until(std::string_view& text, char end) {
  const auto at = text.find(end);
  const auto taken = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return taken;
}

template <class Number>
std::optional<Number> number_in(std::string_view digits) {
  Number number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

struct Parameters {
  base::ByteArray<16> salt{};
  crypto::Argon2Cost cost;
};

std::optional<Parameters> parse_parameters(std::string_view line) {
  const auto passes = number_in<std::uint32_t>(take_until(line, ' '));
  const auto memory = number_in<std::uint64_t>(take_until(line, ' '));
  const auto raw = base::unhex(line);
  const auto salt = raw ? base::byte_array<16>(*raw) : std::nullopt;
  const bool fits = passes && memory && salt && *passes >= 1 && *passes <= most_passes && *memory >= least_memory &&
                    *memory <= most_memory;
  if (!fits) return std::nullopt;
  return Parameters{*salt, {*passes, *memory}};
}

Complaint refused(const std::string& path, std::size_t line, std::string what) {
  return {Errc::bad_value, path, line, std::move(what),
          "write the file anew from its paper copy: `mailpod server-key recover`"};
}

governance::Verdict<ServerKey> parse_plain(std::string_view code, const std::string& path, crypto::KeyArena& arena) {
  if (code.ends_with('\n')) code.remove_suffix(1);
  auto key = parse_server_key_code(arena, code);
  if (!key.has_value()) return refused(path, 2, key.error().what);
  return ServerKey{std::move(*key), std::nullopt};
}

governance::Verdict<ServerKey> parse_sealed(std::string_view text, const std::string& path, crypto::KeyArena& arena,
                                            const AskPassphrase& ask) {
  const auto line = take_until(text, '\n');
  const auto parameters = parse_parameters(line);
  if (!parameters) return refused(path, 2, "these are no parameters of a passphrase");
  const auto sealed = base::unhex(take_until(text, '\n'));
  if (!sealed || !text.empty()) return refused(path, 3, "this is no sealed key");
  if (!ask)
    return Complaint{Errc::missing_key, path, 0,
                     "the server key is sealed by a passphrase, and nobody was asked for it",
                     "run the command where it can ask"};
  auto passphrase = ask();
  if (!passphrase.has_value()) return passphrase.error();
  PassphraseSeal seal{parameters->salt, parameters->cost,
                      crypto::argon2id(arena, *passphrase, parameters->salt, parameters->cost)};
  crypto::wipe(*passphrase);
  auto raw = crypto::open(seal.key, associated_data(line), *sealed);
  if (!raw || raw->size() != crypto::Key::size)
    return Complaint{Errc::bad_value, path, 0, "this is not its passphrase, or the file is damaged",
                     "try again; without the passphrase, `mailpod server-key recover` takes the paper copy"};
  auto key = crypto::Key::copy_of(arena, *raw);
  crypto::wipe(*raw);
  return ServerKey{std::move(key), std::move(seal)};
}

}  // namespace

std::string write_server_key_code(const crypto::Key& key) {
  return text::write_code(key.octets());
}

governance::Verdict<crypto::Key> parse_server_key_code(crypto::KeyArena& arena, std::string_view typed) {
  auto raw = text::parse_code(typed);
  if (!raw || raw->size() != crypto::Key::size)
    return Complaint{Errc::bad_value, "the code", 0, "a character of the code is wrong or missing",
                     "type it again from the paper copy"};
  auto key = crypto::Key::copy_of(arena, *raw);
  crypto::wipe(*raw);
  return key;
}

PassphraseSeal make_passphrase_seal(crypto::KeyArena& arena, base::Entropy& entropy, std::string_view passphrase,
                                    crypto::Argon2Cost cost) {
  const auto salt = entropy.bytes<16>();
  return {salt, cost, crypto::argon2id(arena, passphrase, salt, cost)};
}

void write_server_key(base::Disk& disk, const std::string& path, const crypto::Key& key, base::Entropy& entropy,
                      const PassphraseSeal* seal) {
  if (seal == nullptr) return write_server_key(disk, path, key);
  const auto line = parameters_line(*seal);
  const auto sealed = crypto::seal(seal->key, entropy, associated_data(line), key.octets());
  base::replace_file(disk, path, std::string(sealed_title) + line + "\n" + base::hex(sealed) + "\n");
}

void write_server_key(base::Disk& disk, const std::string& path, const crypto::Key& key) {
  std::string code = write_server_key_code(key);
  std::string octets = std::string(plain_title) + code + "\n";
  base::replace_file(disk, path, octets);
  crypto::wipe(octets);
  crypto::wipe(code);
}

governance::Verdict<ServerKey> read_server_key(base::Disk& disk, const std::string& path, crypto::KeyArena& arena,
                                               const AskPassphrase& ask) {
  const auto status = disk.status(path);
  if (!status)
    return Complaint{Errc::missing_key, path, 0, "the server key is not there",
                     "bring it back (a file, a mounted disk, a credential), or write it anew from its paper copy: "
                     "`mailpod server-key recover`"};
  if (open_to_others(path, *status))
    return Complaint{Errc::bad_value, path, 0, "others than its owner may read the server key",
                     "chmod 600 it, and consider who may have read it"};
  std::string octets = base::read_file(disk, path, largest_key_file);
  const std::string_view text = octets;
  auto key = text.starts_with(plain_title)    ? parse_plain(text.substr(plain_title.size()), path, arena)
             : text.starts_with(sealed_title) ? parse_sealed(text.substr(sealed_title.size()), path, arena, ask)
                                              : refused(path, 1, "this is no server key file");
  crypto::wipe(octets);
  return key;
}

}  // namespace mailpod::daemon
