#pragma once

#include <mailpod/governance/charter.hpp>

#include "table_reader.hpp"

/// How a charter spells its choices; read and written from the same tables.
namespace mailpod::governance {

inline constexpr Word<Charter::Join> join_words[] = {
    {"open", Charter::Join::open}, {"invitation", Charter::Join::invitation}, {"vouches", Charter::Join::vouches}};
inline constexpr Word<Charter::Expulsion> expulsion_words[] = {{"vote", Charter::Expulsion::vote},
                                                               {"threshold", Charter::Expulsion::threshold}};
inline constexpr Word<Charter::Ballot> ballot_words[] = {
    {"open", Charter::Ballot::open}, {"sealed", Charter::Ballot::sealed}, {"secret", Charter::Ballot::secret}};
inline constexpr Word<Charter::Method> method_words[] = {
    {"approval", Charter::Method::approval}, {"schulze", Charter::Method::schulze}, {"stv", Charter::Method::stv}};
inline constexpr Word<Charter::Passwords> password_words[] = {{"app", Charter::Passwords::app_only},
                                                              {"any", Charter::Passwords::any}};
inline constexpr Word<Charter::Federate> federate_words[] = {
    {"open", Charter::Federate::open}, {"allow", Charter::Federate::allow}, {"deny", Charter::Federate::deny}};
/// What is unsaid is not written.
inline constexpr Word<Charter::Unshown> unshown_words[] = {
    {"accept", Charter::Unshown::accept}, {"junk", Charter::Unshown::junk}, {"refuse", Charter::Unshown::refuse}};
inline constexpr std::string_view no_escrow = "none";

/// [addresses]: the keys are local parts but for this one, and the values member ids or these words.
inline constexpr std::string_view fallback_key = "default";
inline constexpr std::string_view no_fallback = "none";
inline constexpr std::string_view to_maintainers = "maintainers";
inline constexpr std::size_t most_roles = 64;
inline constexpr std::size_t most_in_a_role = 64;

template <class T, std::size_t N>
std::string_view spelling(T value, const Word<T> (&words)[N]) {
  for (const auto& word : words) {
    if (word.value == value) return word.text;
  }
  return {};
}

inline constexpr std::size_t most_maintainers = 64;
inline constexpr std::size_t most_pods_in_a_list = 1000;

}  // namespace mailpod::governance
