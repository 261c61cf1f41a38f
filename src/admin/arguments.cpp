#include "arguments.hpp"

#include <algorithm>
#include <array>

#include <mailpod/crypto/keys.hpp>

namespace mailpod::admin {
namespace {

const json& argument(const json& arguments, const char* key) {
  const auto found = arguments.find(key);
  if (found == arguments.end()) throw BadRequest(std::string("the argument `") + key + "` is missing");
  return *found;
}

bool is_secret(const std::string& key) {
  constexpr std::array secrets{"code", "secret", "password"};
  return std::ranges::find(secrets, key) != secrets.end();
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

void wipe_secrets(json& value) {
  if (value.is_array()) {
    for (auto& item : value) wipe_secrets(item);
  } else if (value.is_object()) {
    for (auto& [key, item] : value.items()) {
      if (item.is_string() && is_secret(key)) {
        crypto::wipe(item.get_ref<std::string&>());
      } else {
        wipe_secrets(item);
      }
    }
  }
}

}  // namespace mailpod::admin
