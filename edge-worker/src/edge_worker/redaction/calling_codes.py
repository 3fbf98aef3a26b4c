"""The lengths that telephone numbers have behind each country's calling code."""

# Shortest-longest national number: codes (ITU-T E.164, and the operators' plans as published for each country).
# The tests compare them with the metadata of Google's libphonenumber, which is too large to run here.
_LENGTHS = """
4-8: 290 690 683
5-10: 247 386 500 682 676 677 678 686 688 685
6-10: 298 299 672 687 47 597 352 64 53
6-11: 40 252 355 376 421 508 681 689 27 31 61 63 358
6-13: 39 43 46 49 359 381 852 375 595 598 82
7-7: 238 239 246 248 269 291 297 592 673 674 680 691 692
7-9: 241 599 670 675 853 961 965 975 220 231 245 265 354 385 423 967 968
7-11: 44 48 95 880 84 230 243 254 263 267 353 372 960 501 503 507 679 886 974 971
7-13: 90 972 62 98 86 882
8-8: 45 216 222 223 226 227 228 232 235 236 253 257 266 350 356 357 370 371 373 374 389 505 509 800 808 973 993
8-9: 32 36 51 213 224 233 237 250 258 264 268 377 382 387 591 962 963
8-10: 20 60 229 378 506 850 855 856 964 970 976 81
8-11: 55 57 65 502 504 593 977
8-12: 92 383 883 66 91
9-9: 33 34 93 94 211 212 218 221 240 242 244 249 251 255 256 260 261 262 351 590 594 596 979 992 994 995 998
9-12: 380 881 966 996 56 41 420 870
10-10: 1 7 58 225
10-11: 52
10-12: 30 54 234 888 878
"""
_TRUNK_ZERO_STAYS = ("39", "378", "225", "241", "242")


def is_international(digits: str) -> bool:
    """Whether digits are a country's calling code and a national number of a length that the country has.

    The trunk prefix 0 may stand between the two, as some write it without brackets.
    """
    for length in (1, 2, 3):
        bounds = _BY_CODE.get(digits[:length])
        if bounds:
            national = digits[length:]
            if not digits.startswith(_TRUNK_ZERO_STAYS):
                national = national.removeprefix("0")
            return bounds[0] <= len(national) <= bounds[1] and not national.startswith("00")
    return False


def _by_code() -> dict[str, tuple[int, int]]:
    by_code: dict[str, tuple[int, int]] = {}
    for line in _LENGTHS.split("\n"):
        if line:
            lengths, _, codes = line.partition(":")
            least, _, most = lengths.partition("-")
            by_code |= dict.fromkeys(codes.split(), (int(least), int(most)))
    return by_code


_BY_CODE = _by_code()
