#pragma once

namespace mailpod::search {

/// Lets SQLite take its memory from an allocator that overwrites what is given back: its pages and terms are words of
/// mail. Once for the process, before anything of SQLite is called; later calls do nothing. Any thread. Throws
/// std::runtime_error if somebody else used SQLite before.
void give_sqlite_zeroing_memory();

}  // namespace mailpod::search
