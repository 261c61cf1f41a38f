#include "arguments.hpp"

#include <algorithm>
#include <array>

#include <mailpod/crypto/keys.hpp>
#include <mailpod/text/base32.hpp>

namespace mailpod::admin {
namespace {

const json& argument(const json& arguments, const char* key) {
  const auto found = arguments.find(key);
  if (found == arguments.end()) throw BadRequest(std::string("the argument `") + key + "` is missing");
  return *found;
}

bool is_secret(const std::string& key) {
  // `uri`: what an authenticator is given.
  constexpr std::array secrets{"code", "secret",        "password",     "new_password", "recovery_code",
                               "key",  "one_time_code", "backup_codes", "uri"};
  return std::ranges::find(secrets, key) != secrets.end();
}

/// A text, or a list of them.
void wipe_texts(json& value) {
  if (value.is_string()) crypto::wipe(value.get_ref<std::string&>());
  if (value.is_array()) {
    for (auto& item : value) wipe_texts(item);
  }
}

}  // namespace

const std::string& text_argument(const json& arguments, const char* key) {
  const auto& value = argument(arguments, key);
  if (!value.is_string()) throw BadRequest(std::string("the argument `") + key + "` is no text");
  return value.get_ref<const std::string&>();
}

std::string optional_text(const json& arguments, const char* key) {
  const auto found = arguments.find(key);
  if (found == arguments.end() || found->is_null()) return {};
  return text_argument(arguments, key);
}

members::Secret secret_argument(const json& arguments) {
  const std::string_view secret = text_argument(arguments, "secret");
  const auto code = arguments.find("one_time_code");
  if (code == arguments.end() || code->is_null()) return secret;
  return {secret, text_argument(arguments, "one_time_code")};
}

std::optional<std::uint64_t> optional_number(const json& arguments, const char* key, std::uint64_t most) {
  const auto found = arguments.find(key);
  if (found == arguments.end() || found->is_null()) return std::nullopt;
  const auto number = found->is_number_integer() ? found->get<std::int64_t>() : 0;
  if (number < 1 || static_cast<std::uint64_t>(number) > most)
    throw BadRequest(std::string("the argument `") + key + "` is no number from 1 to " + std::to_string(most));
  return static_cast<std::uint64_t>(number);
}

bool flag_argument(const json& arguments, const char* key) {
  const auto found = arguments.find(key);
  if (found == arguments.end()) return false;
  if (!found->is_boolean()) throw BadRequest(std::string("the argument `") + key + "` is neither true nor false");
  return found->get<bool>();
}

const json& list_argument(const json& arguments, const char* key, std::size_t most) {
  const auto& value = argument(arguments, key);
  if (!value.is_array() || value.size() > most)
    throw BadRequest(std::string("the argument `") + key + "` is no list of at most " + std::to_string(most));
  return value;
}

governance::SignedFile file_argument(const json& arguments, const char* key) {
  const auto& value = argument(arguments, key);
  if (!value.is_object()) throw BadRequest(std::string("the argument `") + key + "` is no signed file");
  governance::SignedFile file{text_argument(value, "name"), text_argument(value, "octets"), {}};
  for (const auto& signature : list_argument(value, "signatures", 100)) {
    if (!signature.is_string()) throw BadRequest("a signature is no text");
    file.minisigs.push_back(signature.get<std::string>());
  }
  return file;
}

base::ByteArray<32> hash_argument(const json& arguments, const char* key) {
  const auto raw = base::unhex(text_argument(arguments, key));
  const auto hash = raw ? base::byte_array<32>(*raw) : std::nullopt;
  if (!hash) throw BadRequest(std::string("the argument `") + key + "` is not 64 hexadecimal digits");
  return *hash;
}

base::ByteArray<16> code_argument(const json& arguments) {
  auto octets = text::parse_code(text_argument(arguments, "code"));
  const auto code = octets ? base::byte_array<16>(*octets) : std::nullopt;
  if (octets) crypto::wipe(*octets);
  if (!code) throw BadRequest("the argument `code` is no enrolment code");
  return *code;
}

void wipe_secrets(json& value) {
  if (value.is_array()) {
    for (auto& item : value) wipe_secrets(item);
  } else if (value.is_object()) {
    for (auto& [key, item] : value.items()) {
      if (is_secret(key)) {
        wipe_texts(item);
      } else {
        wipe_secrets(item);
      }
    }
  }
}

}  // namespace mailpod::admin
