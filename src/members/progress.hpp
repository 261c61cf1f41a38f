#pragma once

#include <mailpod/members/directory.hpp>

namespace mailpod::members {

/// Where somebody pending stands once the record says that they are a member: a candidate whose slot and card were made
/// holds the code, and so is invited; anybody else has none yet.
Person::Progress progress_once_admitted(const Person& pending);

}  // namespace mailpod::members
