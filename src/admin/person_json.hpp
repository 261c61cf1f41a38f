#pragma once

#include <string>
#include <string_view>

#include <mailpod/admin/desk.hpp>

#include "operation.hpp"

namespace mailpod::admin {

/// `2026-11-23T08:00:00Z`
std::string time_text(base::Time time);

/// What the pod knows of one person, for people: address, id, where they stand.
json person_json(const Premises& premises, const members::Person& person);

/// Who is meant by an address, a bare name or a member id; nullptr if nobody. Valid as long as `state`.
const members::Person* find_person(const members::DirectoryState& state, std::string_view who);

}  // namespace mailpod::admin
