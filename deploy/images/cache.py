"""Makes one class cache of two that were made from the same classes.

    cache.py FIRST SECOND RESULT

The two differ in nothing but times: each soft reference holds when it was last used, in milliseconds since the machine started.
Those become 0, long ago, and the checksums over them are made anew. Any other difference is an error, so that an image
cannot quietly differ from the next one.

The layout is that of JDK 25 (src/hotspot/share/include/cds.h, struct CDSFileMapHeaderBase): a checksum of the header at 4, the format's
version at 8, the header's size at 12, and from 24 on the regions, 96 bytes each: checksum at 0, place in the file at 24, size at 40.
"""

import struct
import sys
import zlib

MAGIC = 0xF00BABA2
VERSION = 19
HEAP = 3  # the region of Java objects
REGION = 24 + 96 * HEAP


def number(cache: bytearray, at: int, form: str) -> int:
    return struct.unpack_from("<" + form, cache, at)[0]


def differences(first: bytearray, second: bytearray, start: int, end: int) -> list[int]:
    """The places of 8 bytes that are not the same in both."""
    return [at for at in range(start, end, 8) if first[at : at + 8] != second[at : at + 8]]


def normalised(cache: bytearray, other: bytearray) -> bytearray:
    if number(cache, 0, "I") != MAGIC or number(cache, 8, "I") != VERSION:
        sys.exit("cache.py: not a class cache of JDK 25; look up the layout of the one that you have")
    if len(cache) != len(other):
        sys.exit("cache.py: two caches of the same classes differ in size")
    start = number(cache, REGION + 24, "Q")
    size = number(cache, REGION + 40, "Q")
    for at in differences(cache, other, start, start + size):
        # The second was made later. Both within a day of each other is no proof, but any pointer or hash is far from it.
        if not 0 < number(other, at, "q") - number(cache, at, "q") < 86_400_000:
            sys.exit(f"cache.py: at {at} two caches of the same classes differ in more than the time")
        struct.pack_into("<q", cache, at, 0)
        struct.pack_into("<q", other, at, 0)
    for each in (cache, other):
        struct.pack_into("<I", each, REGION, zlib.crc32(each[start : start + size]))
        struct.pack_into("<I", each, 4, zlib.crc32(each[16 : number(each, 12, "I")]))
    if cache != other:
        sys.exit("cache.py: two caches of the same classes differ outside of the region of objects")
    return cache


def main(first: str, second: str, result: str) -> None:
    with open(first, "rb") as one, open(second, "rb") as two:
        whole = normalised(bytearray(one.read()), bytearray(two.read()))
    with open(result, "wb") as file:
        file.write(whole)


main(*sys.argv[1:])
