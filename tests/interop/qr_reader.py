"""Reads what `mailpod invite` draws: QR codes of ISO/IEC 18004, versions 1 to 6, level M, undamaged. It shares nothing with the
program, and no error is corrected, so whatever is drawn wrong does not read."""

import re

ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
# Of level M: data codewords of each block, and how many blocks. Table 9.
BLOCKS = {1: (16, 1), 2: (28, 1), 3: (44, 1), 4: (32, 2), 5: (43, 2), 6: (27, 4)}
MASKS = [lambda x, y: (x + y) % 2 == 0, lambda x, y: y % 2 == 0, lambda x, y: x % 3 == 0, lambda x, y: (x + y) % 3 == 0,
         lambda x, y: (y // 2 + x // 3) % 2 == 0, lambda x, y: x * y % 2 + x * y % 3 == 0,
         lambda x, y: (x * y % 2 + x * y % 3) % 2 == 0, lambda x, y: ((x + y) % 2 + x * y % 3) % 2 == 0]
MARGIN = 4


def of_terminal(text):
    """Half blocks, light modules drawn: rows of booleans, dark is true, without the margin."""
    rows = []
    for line in re.sub("\x1b\\[[0-9;]*m", "", text).splitlines():
        if not set(line) <= set("█▀▄ ") or not line.strip():
            continue
        rows.append([c not in "█▀" for c in line])
        rows.append([c not in "█▄" for c in line])
    size = len(rows[0]) - 2 * MARGIN
    return [row[MARGIN:-MARGIN] for row in rows[MARGIN:MARGIN + size]]


def of_svg(text):
    side = int(re.search(r'viewBox="0 0 (\d+) \1"', text).group(1)) // 10 - 2 * MARGIN
    rows = [[False] * side for _ in range(side)]
    for x, y in re.findall(r"M(\d+) (\d+)h10v10h-10z", text):
        rows[int(y) // 10 - MARGIN][int(x) // 10 - MARGIN] = True
    return rows


def is_function(x, y, size, version):
    """Finders with their separators and format, timing, the alignment pattern."""
    if (x < 9 and y < 9) or (x >= size - 8 and y < 9) or (x < 9 and y >= size - 8) or x == 6 or y == 6:
        return True
    centre = size - 7
    return version > 1 and abs(x - centre) <= 2 and abs(y - centre) <= 2


def codewords(rows, mask):
    size = len(rows)
    version = (size - 17) // 4
    bits, upwards, right = [], True, size - 1
    while right > 0:
        if right == 6:
            right -= 1
        for step in range(size):
            y = size - 1 - step if upwards else step
            for x in (right, right - 1):
                if not is_function(x, y, size, version):
                    bits.append(rows[y][x] != mask(x, y))
        upwards, right = not upwards, right - 2
    octets = [int("".join("01"[bit] for bit in bits[i:i + 8]), 2) for i in range(0, len(bits) - 7, 8)]
    length, blocks = BLOCKS[version]
    return [octets[i * blocks + block] for block in range(blocks) for i in range(length)]


def read(rows):
    size = len(rows)
    assert all(len(row) == size for row in rows) and (size - 17) % 4 == 0, "not the square of a QR code"
    # Format: level and mask, fifteen bits of which the first five count here. §8.9
    written = [rows[8][x] for x in (0, 1, 2, 3, 4)]
    level_and_mask = int("".join("01"[bit] for bit in written), 2) ^ 0b10101
    assert level_and_mask >> 3 == 0b00, "not of level M"
    bits = "".join(f"{octet:08b}" for octet in codewords(rows, MASKS[level_and_mask & 7]))
    out, at = "", 0

    def take(count):
        nonlocal at
        at += count
        return int(bits[at - count:at], 2)

    while len(bits) - at >= 4:
        mode = take(4)
        if mode == 0:
            break
        if mode == 2:
            left = take(9)
            while left >= 2:
                pair = take(11)
                out += ALPHANUMERIC[pair // 45] + ALPHANUMERIC[pair % 45]
                left -= 2
            if left:
                out += ALPHANUMERIC[take(6)]
        elif mode == 1:
            left = take(10)
            while left > 0:
                digits = min(left, 3)
                out += f"{take({1: 4, 2: 7, 3: 10}[digits]):0{digits}}"
                left -= digits
        elif mode == 4:
            out += bytes(take(8) for _ in range(take(8))).decode()
        else:
            raise AssertionError(f"mode {mode} is not read here")
    return out
