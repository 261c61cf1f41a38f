#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

#include <mailpod/base/bytes.hpp>
#include <mailpod/governance/signatures.hpp>
#include <mailpod/members/secret.hpp>

namespace mailpod::admin {

using nlohmann::json;

/// A request that does not have the shape its operation asks for: a fault of the program that sent it.
struct BadRequest : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The text under `key`. Throws BadRequest if it is missing or something else.
const std::string& text_argument(const json& arguments, const char* key);
/// The same; empty if it is missing or null.
std::string optional_text(const json& arguments, const char* key);
/// What a member proves themselves by: `secret`, and `one_time_code` if there is one. Borrows from `arguments`.
members::Secret secret_argument(const json& arguments);
/// The number under `key`, from 1 to `most`; nothing if it is missing or null.
std::optional<std::uint64_t> optional_number(const json& arguments, const char* key, std::uint64_t most);
/// What is true or false under `key`; false if it is missing.
bool flag_argument(const json& arguments, const char* key);
/// The list under `key`, of at most `most` items.
const json& list_argument(const json& arguments, const char* key, std::size_t most);
/// `{"name": …, "octets": …, "signatures": […]}` under `key`.
governance::SignedFile file_argument(const json& arguments, const char* key);
/// 32 octets in hexadecimal under `key`.
base::ByteArray<32> hash_argument(const json& arguments, const char* key);

/// The 16 octets of an enrolment code under `code`. The caller wipes them.
base::ByteArray<16> code_argument(const json& arguments);

/// Overwrites every text in `value` that stands under one of the keys that hold secrets.
void wipe_secrets(json& value);

}  // namespace mailpod::admin
