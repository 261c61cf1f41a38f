#pragma once

#include <string>

#include <mailpod/governance/charter.hpp>

#include "table_reader.hpp"

/// The charter's section [addresses], read and written. docs/charter-format.md, "Addresses".
namespace mailpod::governance {

Charter::Addresses read_addresses(const TomlTable& table, Findings& findings);
/// Empty if it says nothing: a charter without the section.
std::string addresses_text(const Charter::Addresses& addresses);

}  // namespace mailpod::governance
